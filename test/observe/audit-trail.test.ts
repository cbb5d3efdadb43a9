import { describe, expect, test } from 'vitest'
import { createAuditTrail } from '../../src/observe/audit-trail.ts'
import { auditedInMemory } from './audit-memory.ts'
import { NOW } from './observed.ts'

describe('a trail whose sink takes no more', () => {
  test('counts each lost record and says so once, then tells of the gap before anything else', () => {
    const audited = auditedInMemory()
    audited.events.keysCreated({ file: 'one' })
    audited.room.left = 0
    for (const file of ['two', 'three', 'four']) audited.events.keysCreated({ file })
    expect([audited.lost(), audited.told]).toEqual([3, [{ problem: expect.any(String), lost: 1 }]])
    audited.room.left = Number.POSITIVE_INFINITY
    audited.events.keysCreated({ file: 'five' })
    expect(audited.records().map(({ kind, source }) => source ?? kind)).toEqual(['one', 'gap', 'five'])
    expect(audited.records()[1]).toMatchObject({ kind: 'gap', records: 3, since: new Date(NOW).toISOString() })
    expect(audited.told.slice(1)).toEqual([{ problem: undefined, lost: 3 }])
    expect(audited.lost()).toBe(3)
  })

  test('counts the record on that finds no room after the gap', () => {
    const audited = auditedInMemory()
    audited.room.left = 0
    audited.events.keysCreated({ file: 'one' })
    audited.room.left = 1
    audited.events.keysCreated({ file: 'two' })
    audited.room.left = 2
    audited.events.keysCreated({ file: 'three' })
    expect(audited.records().map(({ records, source }) => records ?? source)).toEqual([1, 1, 'three'])
    expect(audited.lost()).toBe(2)
  })

  test('tells of the gap when it is closed', async () => {
    const audited = auditedInMemory()
    audited.room.left = 0
    audited.events.keysCreated({ file: 'one' })
    audited.room.left = 1
    await audited.trail.close()
    expect(audited.records()).toMatchObject([{ kind: 'gap', records: 1 }])
  })
})

test('a trail counts what its sink could not write until the end', async () => {
  let lost = 0
  const told: unknown[] = []
  const trail = createAuditTrail({
    sink: { write: () => true, close: async () => 2 },
    events: { auditTrouble: (event) => void told.push(event) },
    onLost: () => {
      lost += 1
    },
    now: () => NOW,
    newId: () => 'id',
    replica: 'here',
  })
  await trail.close()
  expect([lost, told]).toEqual([2, [{ problem: expect.any(String), lost: 2 }]])
})
