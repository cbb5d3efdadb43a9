import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { followRevocations } from '../../src/revocation/follow.ts'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { createRevoker } from '../../src/revocation/revoker.ts'
import { scopeText } from '../../src/revocation/scope-text.ts'
import { createStoreClock } from '../../src/revocation/store-clock.ts'
import type { FollowedView } from '../../src/revocation/view.ts'
import { type FaultyLog, faultyLog } from './faulty-log.ts'
import { recordedRevocationEvents } from './recorded.ts'

const START = 1_790_000_000_000
const BY = { actor: 'admin', reason: 'test' } as const
const REPLICAS = 3

type Step =
  | { readonly kind: 'revoke'; readonly by: number; readonly whom: number }
  | { readonly kind: 'change'; readonly by: number; readonly whom: number }
  | { readonly kind: 'restart'; readonly which: number }
  | { readonly kind: 'trim'; readonly left: number }
  | { readonly kind: 'down' | 'demoted'; readonly is: boolean }
  | { readonly kind: 'flush' | 'snapshot' | 'rollback' | 'takeover' }
  | { readonly kind: 'pass'; readonly turns: number }

const replica = fc.nat(REPLICAS - 1)
const whom = fc.nat(5)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('revoke' as const), by: replica, whom }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), by: replica, whom }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), turns: fc.nat(12) }) },
  fc.record({ kind: fc.constant('restart' as const), which: replica }),
  fc.record({ kind: fc.constant('trim' as const), left: fc.nat(3) }),
  fc.record({ kind: fc.constantFrom('down' as const, 'demoted' as const), is: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('flush' as const, 'snapshot' as const, 'rollback' as const, 'takeover' as const) }),
)

function world() {
  let ticks = 0
  const tick = () => {
    ticks += 1
    return ticks
  }
  const log = faultyLog({ now: () => START + ticks, tick })
  return { log, tick, replicas: Array.from({ length: REPLICAS }, () => startReplica(log, tick)) }
}

/** One replica of Gatehouse, with what its hooks were told and when. */
function startReplica(log: FaultyLog, tick: () => number) {
  const events = recordedRevocationEvents()
  const plain = createRevocationView({ monotonicMs: tick, now: () => 0, maxStalenessMs: 1e9 })
  const hooks: { at: number; sid: string | undefined }[] = []
  const view: FollowedView = {
    ...plain,
    confirmed(at) {
      // What was in the set before the request that proves the view whole has to be in the view.
      for (const { revocation, since } of log.set.values())
        if (since < at) expectHeld(plain, revocation.scope, revocation.atMs)
      plain.confirmed(at)
    },
  }
  const clock = createStoreClock({ wall: () => START, monotonicMs: tick, events })
  const follower = followRevocations({
    log,
    view,
    clock,
    events,
    monotonicMs: tick,
    random: () => 0.5,
    pause: async () => turn(),
    onGap: () => hooks.push({ at: tick(), sid: undefined }),
    onSessionChanged: (sid) => hooks.push({ at: tick(), sid }),
    onRevoked: () => undefined,
  })
  const revoker = createRevoker({ log, view, events, now: () => START, onSessionChanged: () => undefined })
  return { view, events, hooks, follower, revoker }
}

function momentOf(view: FollowedView, scope: RevocationScope): number {
  const text = scopeText(scope)
  return [...view.entries()].find((one) => scopeText(one.scope) === text)?.atMs ?? 0
}

function expectHeld(view: FollowedView, scope: RevocationScope, atMs: number): void {
  expect(momentOf(view, scope), scopeText(scope)).toBeGreaterThanOrEqual(atMs)
}

const subject = (index: number): RevocationScope => ({ kind: 'subject', subject: `person-${index}` })

async function unlessDown(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false
    throw error
  }
}

async function play(steps: readonly Step[]): Promise<void> {
  const { log, tick, replicas } = world()
  /** What at least one replica that lives has been told is recorded. */
  const known = new Map<string, { scope: RevocationScope; atMs: number }>()
  const changes: { at: number; sid: string }[] = []

  const handlers: { [Kind in Step['kind']]: (step: Extract<Step, { kind: Kind }>) => Promise<void> | void } = {
    async revoke({ by, whom: index }) {
      const { revoker } = at(by)
      await unlessDown(
        revoker.revoke(subject(index), BY).then(({ revocation }) => known.set(scopeText(revocation.scope), revocation)),
      )
    },
    async change({ by, whom: index }) {
      const before = tick()
      if (await unlessDown(at(by).revoker.sessionChanged(`sid-${index}`)))
        changes.push({ at: before, sid: `sid-${index}` })
    },
    async restart({ which }) {
      await at(which).follower[Symbol.asyncDispose]()
      replicas[which] = startReplica(log, tick)
      // What nobody else knows is lost with it, unless the store keeps it for long enough.
      for (const [text, { scope, atMs }] of known) {
        const isKept = replicas.some(({ view }) => momentOf(view, scope) >= atMs)
        if (!isKept) known.delete(text)
      }
      changes.length = 0
    },
    trim: ({ left }) => log.trim(left),
    down: ({ is }) => log.setDown(is),
    demoted: ({ is }) => log.setMaster(!is),
    flush: () => log.flush(),
    snapshot: () => log.snapshot(),
    rollback: () => log.rollback(),
    takeover: () => log.takeover(),
    async pass({ turns }) {
      for (let time = 0; time < turns; time += 1) await turn()
    },
  }

  function at(index: number) {
    const found = replicas[index]
    if (found === undefined) throw new Error('no such replica')
    return found
  }

  function isSettled(since: number): boolean {
    const sizes = new Set([log.set.size, ...replicas.map(({ view }) => view.size())])
    const now = tick()
    const isFresh = replicas.every(({ view }) => now - (view.ageMs() ?? Number.POSITIVE_INFINITY) > since)
    return sizes.size === 1 && isFresh && replicas.every(({ view }) => view.owed() === 0)
  }

  try {
    for (const one of steps) {
      const before = replicas.map(({ view }) => ({ view, entries: [...view.entries()] }))
      await (handlers[one.kind] as (step: Step) => Promise<void> | void)(one)
      for (const { view, entries } of before) for (const { scope, atMs } of entries) expectHeld(view, scope, atMs)
    }
    log.setDown(false)
    log.setMaster(true)
    // Twice, since what one gives back the others have yet to read.
    for (const _ of ['all given back', 'all read']) {
      const since = tick()
      for (let time = 0; time < 2000 && !isSettled(since); time += 1) await turn()
      expect(isSettled(since), 'all is well again').toBe(true)
    }

    for (const { scope, atMs } of known.values()) {
      for (const { view } of replicas) expectHeld(view, scope, atMs)
      expect(log.set.get(scopeText(scope))?.revocation.atMs).toBeGreaterThanOrEqual(atMs)
    }
    for (const { hooks, events } of replicas) {
      for (const change of changes) {
        const isTold = hooks.some((hook) => hook.at > change.at && (hook.sid === undefined || hook.sid === change.sid))
        expect(isTold, `${change.sid} has to be read again`).toBe(true)
      }
      expect(events.of('internalError')).toEqual([])
    }
  } finally {
    await Promise.all(replicas.map(({ follower }) => follower[Symbol.asyncDispose]()))
  }
}

test('whatever happens to the store, no replica forgets, all come to know what one knows, and the store gets it back', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), play), { numRuns: 300 })
}, 60_000)
