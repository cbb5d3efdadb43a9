import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { clearRecords, type EndingPorts, endSession, endSessionsOf } from '../../src/sessions/ending.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { standingClock } from '../contracts/clock.ts'
import { sampleSession } from './sample-session.ts'

const BY = { actor: 'person', reason: 'signed-out' } as const
const ADA = { subject: 'subject-of-ada' }
/** When this file's revocations are recorded. */
const AT_MS = 1_790_000_000_000

/** A store in memory, and what was done in which order. */
function opened(over: Partial<Pick<SessionStore, 'list' | 'remove'>> = {}) {
  const steps: string[] = []
  const store = memorySessionStore({ now: standingClock().now })
  const ports: EndingPorts = {
    store: {
      list: store.list,
      remove(sid) {
        steps.push('remove')
        return store.remove(sid)
      },
      ...over,
    },
    revoker: {
      async revoke(scope: RevocationScope, _by, endsAtMs) {
        steps.push(`revoke ${scope.kind}${endsAtMs === undefined ? '' : ` until ${endsAtMs}`}`)
        const revocation = { scope, atMs: AT_MS, expiresAtMs: AT_MS + 1 }
        return { revocation, status: 'accepted', holders: 0, wanted: 0 }
      },
    },
    forget: () => void steps.push('forget'),
  }
  return { store, ports, steps }
}

const silent = () => Promise.reject(new StoreUnavailableError('silent'))

describe('a session that ends', () => {
  test('is revoked, forgotten, and removed, in this order', async () => {
    const { store, ports, steps } = opened()
    const session = sampleSession()
    await store.save(session)
    expect(await endSession(ports, session.sid, BY, 5)).toBe(true)
    expect(steps).toEqual(['revoke session until 5', 'forget', 'remove'])
    expect(await endSession(ports, session.sid, BY)).toBe(false)
  })

  test('has not ended for certain where the store does not say that it is revoked', async () => {
    const { ports, steps } = opened()
    const revoker = { revoke: silent }
    await expect(endSession({ ...ports, revoker }, 'sid', BY)).rejects.toThrow(StoreUnavailableError)
    expect(steps).toEqual([])
  })

  test('has ended once it is revoked, although its record stays', async () => {
    const { ports, steps } = opened({ remove: silent })
    expect(await endSession(ports, 'sid', BY)).toBe(true)
    expect(steps).toEqual(['revoke session', 'forget'])
    const fault = () => Promise.reject(new TypeError('fault'))
    await expect(endSession(opened({ remove: fault }).ports, 'sid', BY)).rejects.toThrow(TypeError)
  })
})

describe('all sessions of a person that end', () => {
  test('are those begun up to the revocation: one begun since keeps its record', async () => {
    const { store, ports, steps } = opened()
    const since = sampleSession({ createdAtMs: AT_MS + 1 })
    const bobs = sampleSession({ subject: 'subject-of-bob' })
    const ended = [sampleSession(), sampleSession({ createdAtMs: AT_MS - 5000 })]
    for (const session of [since, bobs, ...ended]) await store.save(session)
    const outcome = await endSessionsOf(ports, 'subject-of-ada', BY)
    expect(outcome).toMatchObject({ status: 'accepted', removed: 2, isWhole: true })
    expect(steps[0]).toBe('revoke subject')
    const left = await store.list({ all: true }, { limit: 10 })
    expect(left.sessions.map(({ sid }) => sid).sort()).toEqual([since.sid, bobs.sid].sort())
  })

  test.for([
    ['list', { list: silent }],
    ['remove', { remove: silent }],
  ] as const)('are revoked though the store gives no answer to %s', async ([, over]) => {
    const { store, ports, steps } = opened(over)
    await store.save(sampleSession())
    expect(await endSessionsOf(ports, 'subject-of-ada', BY)).toMatchObject({ removed: 0, isWhole: false })
    expect(steps[0]).toBe('revoke subject')
  })

  test('may be more than are looked through: the rest is left', async () => {
    let asked = 0
    const list = async () => {
      asked += 1
      return { sessions: [], next: 'more' }
    }
    expect(await clearRecords(opened({ list }).ports, ADA, AT_MS)).toEqual({ removed: 0, isWhole: false })
    expect(asked).toBe(100)
  })

  test('are not hidden by a fault of ours', async () => {
    const list = () => Promise.reject(new TypeError('canary'))
    await expect(clearRecords(opened({ list }).ports, ADA, AT_MS)).rejects.toThrow('canary')
  })
})
