import { describe, expect, test } from 'vitest'
import { type KubeStatus, statusToWrite } from '../../src/kubernetes/status.ts'
import type { ObjectStatus } from '../../src/resources/status.ts'

const now = '2026-11-23T12:00:00Z'
const earlier = '2026-11-22T12:00:00Z'

const sound: ObjectStatus = {
  kind: 'AccessApplication',
  namespace: 'monitoring',
  name: 'grafana',
  position: undefined,
  audience: 'a'.repeat(64),
  conditions: [
    { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' },
    { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: '' },
    { type: 'Programmed', status: 'True', reason: 'Programmed', message: '' },
  ],
}

function written(found: ObjectStatus, present?: unknown, generation = 1): KubeStatus {
  const result = statusToWrite(found, { generation, present, now: earlier })
  if (result === undefined) throw new Error('nothing to write')
  return result.status
}

test('shows each condition with the generation that was looked at', () => {
  const status = written(sound, undefined, 7)
  expect(status).toMatchObject({ observedGeneration: 7, audience: 'a'.repeat(64) })
  expect(status.conditions.map(({ type, observedGeneration }) => [type, observedGeneration])).toEqual([
    ['Accepted', 7],
    ['ResolvedRefs', 7],
    ['Programmed', 7],
  ])
})

test('writes nothing where the object shows it already', () => {
  expect(statusToWrite(sound, { generation: 1, present: written(sound), now })).toBeUndefined()
})

test('writes a new generation, and keeps the time of conditions that did not turn', () => {
  const result = statusToWrite(sound, { generation: 2, present: written(sound), now })
  expect(result?.turned).toEqual([])
  expect(result?.status.conditions.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
    earlier,
    earlier,
    earlier,
  ])
})

test('dates a condition that turned, and tells of it', () => {
  const [, , programmed] = sound.conditions
  const broken = {
    ...sound,
    conditions: [...sound.conditions.slice(0, 2), { ...programmed, status: 'False', reason: 'NotProgrammed' } as never],
  }
  const result = statusToWrite(broken, { generation: 1, present: written(sound), now })
  expect(result?.turned.map(({ type, reason }) => [type, reason])).toEqual([['Programmed', 'NotProgrammed']])
  expect(result?.status.conditions.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([earlier, earlier, now])
})

test.for([
  ['a text', 'edited'],
  ['conditions that are no list', { conditions: {} }],
  ['conditions that are no objects', { conditions: [1, null, 'x'] }],
  ['a condition too many', { ...written(sound), conditions: [...written(sound).conditions, { type: 'Ready' }] }],
])('replaces a status that somebody edited by hand: %s', ([, present]) => {
  expect(statusToWrite(sound, { generation: 1, present, now })?.status.conditions).toHaveLength(3)
})

test('cuts a message that nobody would read to its end', () => {
  const [accepted, ...rest] = sound.conditions
  const wordy = { ...sound, conditions: [{ ...accepted, message: 'x'.repeat(100_000) } as never, ...rest] }
  expect(written(wordy).conditions[0]?.message.length).toBeLessThan(5_000)
})

describe('with wiring', () => {
  const wiring = (reason?: 'ClassNotFound', note?: string) => ({
    flaws: reason === undefined ? [] : [{ reason, message: 'there is no class x' }],
    note,
  })
  const programmed = (found: ObjectStatus, findings: Parameters<typeof statusToWrite>[2]) =>
    statusToWrite(found, { generation: 1, present: undefined, now }, findings)?.status.conditions.at(-1)

  test('is programmed once the proxy asks about it', () => {
    expect(programmed(sound, wiring())).toMatchObject({ status: 'True', reason: 'Programmed', message: '' })
  })

  test('is not programmed while the wiring is not there', () => {
    const expected = { status: 'False', reason: 'ClassNotFound', message: 'there is no class x' }
    expect(programmed(sound, wiring('ClassNotFound'))).toMatchObject(expected)
  })

  test('passes a note on without turning anything', () => {
    expect(programmed(sound, wiring(undefined, 'mind the gap'))).toMatchObject({
      status: 'True',
      message: 'mind the gap',
    })
  })

  test('puts what keeps the object itself out of force first', () => {
    const [accepted, resolved, last] = sound.conditions
    const shut = { ...last, status: 'False', reason: 'NotProgrammed', message: 'shut' } as never
    const found = { ...sound, conditions: [accepted, resolved, shut] as ObjectStatus['conditions'] }
    const expected = { status: 'False', reason: 'NotProgrammed', message: 'shut\nthere is no class x' }
    expect(programmed(found, wiring('ClassNotFound'))).toMatchObject(expected)
  })
})
