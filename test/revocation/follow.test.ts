import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { type FollowContext, followRevocations } from '../../src/revocation/follow.ts'
import type { LogBatch, LogEntry, LogPosition, RevocationLog } from '../../src/revocation/log.ts'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import type { Revocation } from '../../src/revocation/revocation.ts'
import { standingClock } from '../contracts/clock.ts'
import { until } from '../parts/until.ts'
import { recordedRevocationEvents } from './recorded.ts'

const T = 1_790_000_000_000
const HOUR_MS = 3_600_000

const revoked = (subject: string, atMs = T): Revocation => ({
  scope: { kind: 'subject', subject },
  atMs,
  expiresAtMs: atMs + HOUR_MS,
})

type Answer = LogBatch | 'gap' | Error

const position = (sequence: number): LogPosition => ({ server: 'one', cursor: `${sequence}`, sequence })

function batch(sequence: number, entries: readonly LogEntry[] = [], isAuthoritative = true): LogBatch {
  return { entries, position: position(sequence), isAuthoritative, clockMs: T, timeMs: T }
}

const disposals: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const dispose of disposals.splice(0)) await dispose()
})

/** A follower whose log answers what the test says, when the test says so. */
function following(
  parts: Partial<FollowContext> & { readonly set?: readonly Revocation[]; readonly end?: LogBatch } = {},
) {
  const monotonic = standingClock(1000)
  const events = recordedRevocationEvents()
  const view = createRevocationView({ monotonicMs: monotonic.now, now: () => 0, maxStalenessMs: 30_000 })
  const told: string[] = []
  const calls: string[] = []
  const pauses: number[] = []
  const restored: number[] = []
  const reads: { after: LogPosition; answer: (answer: Answer) => void }[] = []
  const log: Pick<RevocationLog, 'end' | 'read' | 'load' | 'restore'> = {
    async end() {
      calls.push('end')
      return parts.end ?? batch(0)
    },
    read: (after, signal) =>
      new Promise((resolve, reject) => {
        calls.push('read')
        signal.addEventListener('abort', () => reject(signal.reason))
        reads.push({ after, answer: (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)) })
      }),
    async *load() {
      calls.push('load')
      yield parts.set ?? []
    },
    async restore(revocations) {
      calls.push('restore')
      restored.push(revocations.length)
    },
  }
  const follower = followRevocations({
    log: { ...log, ...parts.log },
    view,
    clock: { sample: () => calls.push('sample') },
    events,
    monotonicMs: monotonic.now,
    random: () => 0.5,
    pause: async (ms) => {
      if (ms > 0) pauses.push(ms)
      await turn()
    },
    onGap: () => told.push('gap'),
    onSessionChanged: (sid) => told.push(`changed ${sid}`),
    onRevoked: ({ scope }) => told.push(`revoked ${scope.kind}`),
    ...parts,
    ...(parts.log === undefined ? {} : { log: { ...log, ...parts.log } }),
  })
  disposals.push(async () => follower[Symbol.asyncDispose]())

  /** Answers the read that is under way, or the next one. */
  async function answer(given: Answer): Promise<LogPosition> {
    const read = await until('it reads', () => reads.shift(), { everyMs: 1 })
    read.answer(given)
    for (let time = 0; time < 5; time += 1) await turn()
    return read.after
  }
  let isSynced = false
  void follower.whenSynced().then(() => {
    isSynced = true
  })
  return { view, events, told, calls, pauses, restored, monotonic, follower, answer, isSynced: () => isSynced }
}

describe('a follower', () => {
  test('takes the end of the stream, then the whole set, then reads from that end', async () => {
    const { view, told, calls, answer, events, isSynced } = following({ set: [revoked('ada')], end: batch(7) })
    expect(await answer(batch(7))).toEqual(position(7))
    expect(calls.slice(0, 4)).toEqual(['end', 'sample', 'load', 'read'])
    expect(told).toEqual(['gap'])
    expect(isSynced()).toBe(true)
    expect([view.state(), view.size(), view.owed()]).toEqual(['current', 1, 0])
    expect(events.told).toEqual([['revocationViewReloaded', { reason: 'start', entries: 1 }]])
  })

  test('takes in what comes, in order, and reads on from there', async () => {
    const { view, told, answer } = following()
    const entries: LogEntry[] = [
      { kind: 'revoked', revocation: revoked('ada') },
      { kind: 'session-changed', sid: 'sid-1' },
      { kind: 'revoked', revocation: revoked('ada') },
    ]
    await answer(batch(3, entries))
    expect(told).toEqual(['gap', 'revoked subject', 'changed sid-1', 'revoked subject'])
    expect([view.size(), view.owed()]).toEqual([1, 0])
    expect(await answer(batch(3))).toEqual(position(3))
  })

  test('counts freshness from the beginning of the request', async () => {
    const { view, monotonic, answer } = following()
    await answer(batch(0))
    monotonic.advance(700)
    expect(view.ageMs()).toBe(700)
    await answer(batch(0))
    expect(view.ageMs()).toBe(700)
    await answer(batch(0))
    expect(view.ageMs()).toBe(0)
  })

  test('counts freshness no later than the votes by which the server counts as the master', async () => {
    const { view, monotonic, answer } = following()
    await answer(batch(0))
    monotonic.advance(4000)
    await answer({ ...batch(0), vouchedAtMs: Number.POSITIVE_INFINITY })
    expect(view.ageMs()).toBe(4000)
    await answer({ ...batch(0), vouchedAtMs: 1500 })
    expect(view.ageMs()).toBe(3500)
  })

  test('takes in the entries of an answer without authority, and does not call it fresh', async () => {
    const { view, monotonic, answer, isSynced } = following({ end: batch(0, [], false) })
    await answer(batch(1, [{ kind: 'revoked', revocation: revoked('ada') }], false))
    expect([view.state(), view.size(), isSynced()]).toEqual(['never-read', 1, false])
    expect(await answer(batch(1))).toEqual(position(1))
    expect([view.state(), isSynced()]).toEqual(['current', true])
    monotonic.advance(40_000)
    await answer(batch(1, [], false))
    await answer(batch(1, [], false))
    expect(view.state()).toBe('stale')
    await answer(batch(1))
    expect(view.state()).toBe('current')
  })

  test('reads everything again after a gap, and has copies of sessions read again', async () => {
    const { view, told, answer, calls, events } = following({ set: [revoked('ada')] })
    await answer('gap')
    await answer(batch(0))
    expect(calls.filter((call) => call === 'load')).toHaveLength(2)
    expect(told).toEqual(['gap', 'gap'])
    expect(events.of('revocationViewReloaded').map(({ reason }) => reason)).toEqual(['start', 'gap'])
    expect(view.size()).toBe(1)
  })

  test('waits longer and longer, up to a second, while the store gives no answer, and goes on where it was', async () => {
    const { answer, pauses, events, view, calls } = following()
    await answer(batch(4))
    for (let time = 0; time < 8; time += 1) await answer(new StoreUnavailableError('away'))
    expect(pauses).toEqual([37.5, 75, 150, 300, 600, 750, 750, 750])
    expect(await answer(batch(4))).toEqual(position(4))
    await answer(new StoreUnavailableError('away'))
    expect(pauses.at(-1)).toBe(37.5)
    expect(events.of('internalError')).toEqual([])
    expect(calls.filter((call) => call === 'end')).toHaveLength(1)
    expect(view.state()).toBe('current')
  })

  test('does not stop at an error that nobody expects, and says so', async () => {
    const { answer, events } = following()
    const error = new TypeError('a fault')
    await answer(error)
    await answer(batch(0))
    expect(events.of('internalError')).toEqual([{ where: 'revocation', error }])
  })

  test('does not stop at a hook that throws', async () => {
    const fault = () => {
      throw new Error('a fault')
    }
    const { answer, events, view } = following({ onGap: fault, onRevoked: fault, onSessionChanged: fault })
    await answer(
      batch(2, [
        { kind: 'revoked', revocation: revoked('ada') },
        { kind: 'session-changed', sid: 'sid-1' },
      ]),
    )
    expect(events.of('internalError')).toHaveLength(3)
    expect([view.state(), view.size()]).toEqual(['current', 1])
  })

  test('takes its time when one gap follows upon another', async () => {
    const { answer, pauses } = following()
    for (let time = 0; time < 4; time += 1) await answer('gap')
    await until('it has paused', () => pauses.length === 3)
    expect(pauses).toEqual([150, 300, 600])
  })

  test('ends at once, in the middle of a read', async () => {
    const { answer, follower, events } = following()
    await answer(batch(0))
    await follower[Symbol.asyncDispose]()
    expect(events.of('internalError')).toEqual([])
  })
})

describe('what the store lacks', () => {
  test('is given back after a reload, in batches, and stays owed until it is seen', async () => {
    const { view, answer, restored, events } = following()
    await answer(batch(0))
    const mine = Array.from({ length: 1200 }, (_, index) => revoked(`person-${index}`))
    for (const revocation of mine) view.add(revocation)
    await answer('gap')
    await until('it is given back', () => events.of('revocationsRestored').length === 1)
    expect(restored).toEqual([500, 500, 200])
    expect(events.of('revocationsRestored')).toEqual([{ count: 1200 }])
    expect(view.owed()).toBe(1200)
    await answer(
      batch(
        1200,
        mine.map((revocation) => ({ kind: 'revoked', revocation })),
      ),
    )
    expect(view.owed()).toBe(0)
    expect(restored).toHaveLength(3)
  })

  test('is not looked for on account of a revocation of its own that comes back on the stream', async () => {
    const { view, answer, restored } = following()
    await answer(batch(0))
    view.add(revoked('ada'))
    await answer(batch(0))
    await answer(batch(1, [{ kind: 'revoked', revocation: revoked('ada') }]))
    await answer(batch(1))
    await answer(batch(1))
    expect([restored, view.owed()]).toEqual([[], 0])
  })

  test('is given again until the store has it, however often that fails', async () => {
    let failures = 3
    const log = {
      restore: async () => {
        failures -= 1
        if (failures >= 0) throw failures === 1 ? new Error('a fault') : new StoreUnavailableError('away')
      },
    } as unknown as RevocationLog
    const { view, answer, events } = following({ log })
    await answer(batch(0))
    view.add(revoked('ada'))
    for (let time = 0; time < 20; time += 1) await answer(batch(0))
    expect(failures).toBeLessThan(0)
    expect(events.of('internalError')).toHaveLength(1)
    expect(view.owed()).toBe(1)
  })
})
