import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import type { RevocableSession, Revocation, RevocationScope } from '../../src/revocation/revocation.ts'
import { scopeText } from '../../src/revocation/scope-text.ts'
import { standingClock } from '../contracts/clock.ts'
import { anyScope, SCOPES } from './scopes.ts'

const T = 1_790_000_000_000
const HOUR_MS = 3_600_000

function opened() {
  const wall = standingClock(T)
  const monotonic = standingClock(1000)
  const view = createRevocationView({ monotonicMs: monotonic.now, now: wall.now, maxStalenessMs: 30_000 })
  return { wall, monotonic, view }
}

function revocation(scope: RevocationScope, atMs = T, expiresAtMs = T + HOUR_MS): Revocation {
  return { scope, atMs, expiresAtMs }
}

const session = {
  sid: 'sid-1',
  createdAtMs: T,
  providerSid: 'idp-1',
  identity: { provider: 'corporate', subject: 'ada', email: 'ada@example.com' },
} satisfies RevocableSession

describe('a session is hit', () => {
  const hitting: RevocationScope[] = [
    { kind: 'session', sid: 'sid-1' },
    { kind: 'provider-session', provider: 'corporate', providerSid: 'idp-1' },
    { kind: 'subject', subject: 'ada' },
    { kind: 'email', email: 'ada@example.com' },
    { kind: 'everybody' },
  ]

  test.for(hitting)('by %j up to its moment, and not if it was begun later', (scope) => {
    const { view } = opened()
    expect(view.hitsSession(session)).toBe(false)
    view.add(revocation(scope, T - 1))
    expect(view.hitsSession(session)).toBe(false)
    view.add(revocation(scope, T))
    expect(view.hitsSession(session)).toBe(true)
    expect(view.hitsSession({ ...session, createdAtMs: T + 1 })).toBe(false)
  })

  const missing: RevocationScope[] = [
    { kind: 'session', sid: 'sid-2' },
    { kind: 'session', sid: 'ada' },
    { kind: 'provider-session', provider: 'another', providerSid: 'idp-1' },
    { kind: 'provider-session', provider: 'corporate', providerSid: 'idp-2' },
    { kind: 'subject', subject: 'bob' },
    { kind: 'subject', subject: 'ada@example.com' },
    { kind: 'email', email: 'bob@example.com' },
    { kind: 'application', application: 'shop/cart' },
  ]

  test.for(missing)('not by %j', (scope) => {
    const { view } = opened()
    view.add(revocation(scope))
    expect(view.hitsSession(session)).toBe(false)
  })

  test('by nothing that it does not have', () => {
    const { view } = opened()
    view.add(revocation({ kind: 'provider-session', provider: 'corporate', providerSid: 'undefined' }))
    view.add(revocation({ kind: 'email', email: 'undefined' }))
    const bare = { ...session, providerSid: undefined, identity: { ...session.identity, email: undefined } }
    expect(view.hitsSession(bare)).toBe(false)
  })
})

describe('a token is hit', () => {
  test('by its application and by everybody, up to the moment', () => {
    const { view } = opened()
    view.add(revocation({ kind: 'application', application: 'shop/cart' }))
    expect(view.hitsToken('shop/cart', T)).toBe(true)
    expect(view.hitsToken('shop/cart', T + 1)).toBe(false)
    expect(view.hitsToken('shop/mail', T)).toBe(false)
    view.add(revocation({ kind: 'everybody' }, T + 5))
    expect(view.hitsToken('shop/mail', T + 5)).toBe(true)
    expect(view.hitsToken('shop/mail', T + 6)).toBe(false)
  })
})

describe('of several revocations of one scope', () => {
  test('the latest counts, in whichever order they come', () => {
    const { view } = opened()
    const scope = { kind: 'subject', subject: 'ada' } as const
    expect(view.add(revocation(scope, T))).toBe(true)
    expect(view.add(revocation(scope, T))).toBe(false)
    expect(view.add(revocation(scope, T - 5))).toBe(false)
    expect(view.add(revocation(scope, T + 5))).toBe(true)
    expect([...view.entries()]).toEqual([revocation(scope, T + 5)])
    expect(view.size()).toBe(1)
  })

  test('the latest end counts, whichever has it', () => {
    const { view, wall } = opened()
    const scope = { kind: 'everybody' } as const
    view.add(revocation(scope, T, T + 5 * HOUR_MS))
    view.add(revocation(scope, T + 1, T + HOUR_MS))
    expect([...view.entries()]).toEqual([revocation(scope, T + 1, T + 5 * HOUR_MS)])
    wall.advance(3 * HOUR_MS)
    view.sweep()
    expect(view.hitsToken('shop/cart', T)).toBe(true)
    wall.advance(3 * HOUR_MS)
    view.sweep()
    expect(view.size()).toBe(0)
    expect(view.hitsToken('shop/cart', T)).toBe(false)
  })

  test('is what a plain model says, and what it holds is what was added', () => {
    const added = fc.record({ scope: anyScope, atMs: fc.integer({ min: T - 9, max: T + 9 }), lifeMs: fc.nat(99) })
    fc.assert(
      fc.property(fc.array(added), fc.array(added), (first, second) => {
        const { view } = opened()
        const model = new Map<string, Revocation>()
        for (const { scope, atMs, lifeMs } of [...first, ...second]) {
          const expiresAtMs = T + 100 + lifeMs
          view.add({ scope, atMs, expiresAtMs })
          const known = model.get(scopeText(scope))
          model.set(scopeText(scope), {
            scope,
            atMs: Math.max(atMs, known?.atMs ?? 0),
            expiresAtMs: Math.max(expiresAtMs, known?.expiresAtMs ?? 0),
          })
        }
        const held = new Map([...view.entries()].map((one) => [scopeText(one.scope), one]))
        expect(held).toEqual(model)
        expect(view.size()).toBe(model.size)
      }),
    )
  })
})

describe('the age of the view', () => {
  test('is never-read, then current for the longest staleness, then stale, then current again', () => {
    const { view, monotonic } = opened()
    expect([view.state(), view.ageMs()]).toEqual(['never-read', undefined])
    view.confirmed(1000)
    monotonic.advance(30_000)
    expect([view.state(), view.ageMs()]).toEqual(['current', 30_000])
    monotonic.advance(1)
    expect([view.state(), view.ageMs()]).toEqual(['stale', 30_001])
    view.confirmed(31_000)
    expect([view.state(), view.ageMs()]).toEqual(['current', 1])
  })

  test('does not rise by a proof that comes late', () => {
    const { view, monotonic } = opened()
    monotonic.advance(500)
    view.confirmed(1400)
    view.confirmed(1100)
    expect(view.ageMs()).toBe(100)
  })
})

describe('the end of a revocation', () => {
  test('what has expired is not taken in', () => {
    const { view } = opened()
    expect(view.add(revocation({ kind: 'everybody' }, T, T))).toBe(false)
    expect(view.size()).toBe(0)
  })

  test('nothing is dropped before its end, everything some time after it, a little at a time', () => {
    const { view, wall } = opened()
    for (let index = 0; index < 20_000; index += 1) {
      view.add(revocation({ kind: 'session', sid: `sid-${index}` }, T, T + HOUR_MS + index))
    }
    wall.advance(HOUR_MS - 1)
    view.sweep()
    expect(view.size()).toBe(20_000)
    wall.advance(HOUR_MS)
    view.sweep()
    expect(view.size()).toBeLessThan(20_000)
    expect(view.size()).toBeGreaterThan(0)
    for (let time = 0; time < 10; time += 1) view.sweep()
    expect(view.size()).toBe(0)
    expect(view.owed()).toBe(0)
  })

  test('one that was put off over and over is kept once and noted seldom', () => {
    const { view, wall } = opened()
    for (let index = 0; index < 100_000; index += 1) {
      view.add(revocation({ kind: 'subject', subject: 'ada' }, T + index, T + HOUR_MS + index))
    }
    expect(view.size()).toBe(1)
    wall.advance(2 * HOUR_MS)
    view.sweep()
    expect(view.size()).toBe(0)
  })
})

describe('what is owed to the store', () => {
  const pages = (view: ReturnType<typeof opened>['view'], most = 500) => [...view.owedPages(most)].flat()

  test('is what was added and not found there', () => {
    const { view } = opened()
    const [one, other] = [revocation({ kind: 'subject', subject: 'a' }), revocation({ kind: 'subject', subject: 'b' })]
    view.add(one)
    view.addHeld(other)
    expect([view.owed(), pages(view)]).toEqual([1, [one]])
    view.addHeld(one)
    expect([view.owed(), pages(view)]).toEqual([0, []])
  })

  test('is what the store has with an earlier moment or an earlier end', () => {
    const { view } = opened()
    const scope = { kind: 'everybody' } as const
    view.addHeld(revocation(scope, T, T + 2 * HOUR_MS))
    view.add(revocation(scope, T + 1, T + HOUR_MS))
    expect(pages(view)).toEqual([revocation(scope, T + 1, T + 2 * HOUR_MS)])
    view.forgetHeld()
    view.addHeld(revocation(scope, T, T + 2 * HOUR_MS))
    expect(view.owed()).toBe(1)
    view.addHeld(revocation(scope, T + 1, T + HOUR_MS))
    expect(view.owed()).toBe(1)
    view.addHeld(revocation(scope, T + 1, T + 2 * HOUR_MS))
    expect(view.owed()).toBe(0)
    view.addHeld(revocation(scope, T, T + HOUR_MS))
    expect(view.owed()).toBe(0)
  })

  test('is everything, once what it holds is not known any more', () => {
    const { view } = opened()
    for (const scope of SCOPES) view.addHeld(revocation(scope))
    expect(view.owed()).toBe(0)
    view.forgetHeld()
    expect(view.owed()).toBe(SCOPES.length)
    expect(pages(view, 2)).toHaveLength(SCOPES.length)
    expect([...view.owedPages(2)].every((page) => page.length <= 2)).toBe(true)
    view.add(revocation({ kind: 'everybody' }))
    expect(view.owed()).toBe(SCOPES.length)
  })

  test('is nothing that has ended, which the store would not take', () => {
    const { view, wall } = opened()
    const [short, long] = [
      revocation({ kind: 'subject', subject: 'a' }, T, T + 1000),
      revocation({ kind: 'everybody' }),
    ]
    view.addHeld(short)
    view.addHeld(long)
    view.forgetHeld()
    wall.advance(1000)
    expect(pages(view)).toEqual([long])
    expect([view.owed(), view.size()]).toEqual([1, 1])
  })

  test('comes in pages that are empty where there is nothing for long', () => {
    const { view } = opened()
    for (let index = 0; index < 25_000; index += 1) view.addHeld(revocation({ kind: 'session', sid: `sid-${index}` }))
    expect([...view.owedPages(500)].map((page) => page.length)).toEqual([0, 0])
  })
})
