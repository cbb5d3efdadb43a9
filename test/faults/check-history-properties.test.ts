import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PROMISED } from '../../faults/bounds.ts'
import { checkHistory, type ViolationKind } from '../../faults/check-history.ts'
import type { CheckEntry, Entry } from '../../faults/history.ts'
import { figuresOfHistory } from '../../faults/history-figures.ts'
import { type CorrectHistory, correctHistories } from './correct-world.ts'
import { refresh } from './sample-history.ts'

const kindsIn = (entries: readonly Entry[]) => checkHistory(entries, PROMISED).map(({ kind }) => kind)

test('a history of a correct world breaks no promise, in whatever order it is written', () => {
  fc.assert(
    fc.property(correctHistories, fc.infiniteStream(fc.nat()), ({ entries }, order) => {
      expect(checkHistory(entries, PROMISED)).toEqual([])
      const shuffled = entries.map((entry) => ({ entry, key: order.next().value })).sort((a, b) => a.key - b.key)
      expect(kindsIn(shuffled.map(({ entry }) => entry))).toEqual([])
      figuresOfHistory(entries, PROMISED)
    }),
    { numRuns: 1000 },
  )
})

/** A way in which a correct history is spoilt; undefined where it does not lend itself to it. */
interface Spoiling {
  readonly title: string
  readonly finds: readonly ViolationKind[]
  readonly spoil: (history: CorrectHistory, pick: number) => readonly Entry[] | undefined
}

const spoilings: Spoiling[] = [
  {
    title: 'lets in a revoked token at the end',
    finds: ['allowed-after-revocation', 'revocation-forgotten'],
    spoil: (history, pick) => changed(history, pick, history.surelyRevoked, { answer: 'allow' }),
  },
  {
    title: 'does not show a revoked token to a replica',
    finds: ['unproven'],
    spoil({ entries, surelyRevoked }, pick) {
      const token = surelyRevoked[pick % surelyRevoked.length]
      const isShown = (entry: Entry) => entry.kind === 'check' && entry.token === token && entry.replica === 'r2'
      return token === undefined ? undefined : entries.filter((entry) => !isShown(entry))
    },
  },
  {
    title: 'sends a valid token to sign in',
    finds: ['login-forced'],
    spoil: (history, pick) => changed(history, pick, history.surelyValid, { answer: 'challenge' }),
  },
  {
    title: 'forbids a valid token',
    finds: ['refused-without-cause'],
    spoil: (history, pick) => changed(history, pick, history.surelyValid, { answer: 'forbid' }),
  },
  {
    title: 'has no answer at the end',
    finds: ['not-recovered'],
    spoil: (history, pick) => changed(history, pick, history.surelyValid, { answer: 'none' }),
  },
  {
    title: 'clears the cookie of a valid token',
    finds: ['cookie-cleared'],
    spoil: (history, pick) => changed(history, pick, history.surelyValid, { clearedCookie: true }),
  },
  {
    title: 'gives away a code twice',
    finds: ['one-time-repeated'],
    spoil({ entries }) {
      const success = entries.find((entry) => entry.kind === 'one-time' && entry.succeeded)
      const isLossy = entries.some(({ kind }) => kind === 'data-loss')
      return success === undefined || isLossy ? undefined : [...entries, success]
    },
  },
  {
    title: 'renews a session twice by one refresh token',
    finds: ['refreshed-twice'],
    spoil({ entries }) {
      const isLossy = entries.some(({ kind }) => kind === 'data-loss')
      const at = 900_000
      return isLossy ? undefined : [...entries, refresh(at), refresh(at + 100, 'used-up')]
    },
  },
  {
    title: 'goes on with what the provider said before',
    finds: ['identity-stale'],
    spoil(history, pick) {
      const spoilt = changed(history, pick, history.surelyValid, { version: 0 })
      const token = history.surelyValid[pick % history.surelyValid.length]
      const sid = spoilt?.find((entry) => entry.kind === 'token' && entry.token === token)
      const session = spoilt?.find(
        (entry) => entry.kind === 'session' && sid?.kind === 'token' && entry.sid === sid.sid,
      )
      if (spoilt === undefined || session?.kind !== 'session') return undefined
      return [...spoilt, refresh(900_000, 'renewed', { providerSid: session.providerSid ?? '' })]
    },
  },
  {
    title: 'never ends a fault',
    finds: ['unproven'],
    spoil: ({ entries }) => [...entries, { kind: 'fault', fault: 'another', phase: 'begins', atMs: 1 }],
  },
]

/** The history with another last check of one of these tokens. */
function changed(
  { entries }: CorrectHistory,
  pick: number,
  tokens: readonly string[],
  change: Partial<CheckEntry>,
): Entry[] | undefined {
  const token = tokens[pick % tokens.length]
  const last = entries.findLast((entry) => entry.kind === 'check' && entry.token === token)
  if (last === undefined || last.kind !== 'check') return undefined
  return entries.map((entry) => (entry === last ? { ...last, ...change } : entry))
}

test.for(spoilings)('a history that $title is found out', ({ finds, spoil }) => {
  let spoilt = 0
  fc.assert(
    fc.property(correctHistories, fc.nat(), (history, pick) => {
      const entries = spoil(history, pick)
      if (entries === undefined) return
      spoilt += 1
      expect(finds).toContain(kindsIn(entries)[0])
    }),
    { numRuns: 500 },
  )
  expect(spoilt).toBeGreaterThan(50)
})
