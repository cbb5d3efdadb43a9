import { describe, expect, test } from 'vitest'
import { PROMISED } from '../../faults/bounds.ts'
import { checkHistory, type ViolationKind } from '../../faults/check-history.ts'
import { type Entry, HistoryError, type RevocationEntry } from '../../faults/history.ts'
import {
  bystander,
  check,
  dataLoss,
  fault,
  forcedLogin,
  mint,
  revoke,
  signIn,
  sweep,
  tried,
  world,
} from './sample-history.ts'

const END_MS = 300_000

interface Row {
  readonly title: string
  readonly entries: readonly Entry[]
  readonly finds?: readonly ViolationKind[]
}

/** A session and its token; revoked at 1 s where a test says so. */
const issued = [signIn(1), mint(30)]
const revokedToTheEnd = [...issued, revoke(1000), ...sweep(END_MS, 't1', 'challenge')]

function findsIn(entries: readonly Entry[]): ViolationKind[] {
  return checkHistory([...bystander(END_MS), ...entries], PROMISED).map(({ kind }) => kind)
}

function rows(title: string, table: readonly Row[]): void {
  describe(title, () => {
    test.for(table)('$title', ({ entries, finds = [] }) => {
      expect(findsIn(entries)).toEqual(finds)
      expect(findsIn([...entries].reverse()).sort()).toEqual([...finds].sort())
    })
  })
}

rows('an accepted revocation', [
  { title: 'is kept by refusing everywhere', entries: revokedToTheEnd },
  { title: 'may be forbidden instead', entries: [...issued, revoke(1000), ...sweep(END_MS, 't1', 'forbid')] },
  { title: 'may be seen a little later', entries: [...revokedToTheEnd, check(1500, 'r2', 'allow')] },
  { title: 'may be seen at the end of its bound', entries: [...revokedToTheEnd, check(2010, 'r2', 'allow')] },
  {
    title: 'is broken by letting in later',
    entries: [...revokedToTheEnd, check(2011, 'r2', 'allow')],
    finds: ['allowed-after-revocation'],
  },
  {
    title: 'is not broken by a check that was asked in time and answered late',
    entries: [...revokedToTheEnd, check(2000, 'r2', 'allow', { answeredAtMs: 9000 })],
  },
  {
    title: 'may be seen late while there is a fault',
    entries: [...revokedToTheEnd, ...fault(900, 40_000), check(31_010, 'r2', 'allow')],
  },
  {
    title: 'is broken by letting in after its bound, fault or no fault',
    entries: [...revokedToTheEnd, ...fault(900, 40_000), check(31_011, 'r2', 'allow')],
    finds: ['allowed-after-revocation'],
  },
  {
    title: 'is forgotten by letting in when all is well again, even within the bound of the fault',
    entries: [...revokedToTheEnd, ...fault(900, 2000), check(19_000, 'r2', 'allow')],
    finds: ['revocation-forgotten'],
  },
  {
    title: 'is forgotten by a replica that has refused, however soon',
    entries: [...revokedToTheEnd, check(1100, 'r2', 'challenge'), check(1200, 'r2', 'allow')],
    finds: ['revocation-forgotten'],
  },
  {
    title: 'need not be seen by one replica because another has refused',
    entries: [...revokedToTheEnd, check(1100, 'r1', 'challenge'), check(1200, 'r2', 'allow')],
  },
  {
    title: 'is forgotten by a replica long after another has refused, in the midst of faults',
    entries: [...revokedToTheEnd, ...fault(1050, 60_000), check(1100, 'r1', 'challenge'), check(50_000, 'r2', 'allow')],
    finds: ['revocation-forgotten'],
  },
  {
    title: 'may cross with a check that overlaps the first refusal',
    entries: [
      ...revokedToTheEnd,
      check(1100, 'r2', 'challenge', { answeredAtMs: 1300 }),
      check(1150, 'r2', 'allow', { answeredAtMs: 1250 }),
    ],
  },
  {
    title: 'does not reach a session that began after it',
    entries: [signIn(1020), mint(1040), revoke(1000), ...sweep(END_MS, 't1', 'allow')],
  },
  {
    title: 'may reach a session that began at about the same time, or not',
    entries: [
      signIn(995),
      mint(1040),
      revoke(1000),
      ...sweep(5000, 't1', 'allow'),
      ...sweep(END_MS, 't1', 'challenge'),
    ],
  },
  {
    title: 'may reach a session whose moment lags a little, and no other',
    entries: [
      signIn(3000),
      mint(3020),
      signIn(4100, 's2'),
      mint(4120, 't2'),
      revoke(1000),
      revoke(1000, { scope: { kind: 'session', sid: 's2' } }),
      ...sweep(END_MS, 't1', 'challenge'),
      check(END_MS, 'r1', 'challenge', { token: 't2' }),
    ],
    finds: ['login-forced'],
  },
  {
    title: 'has to be shown to hold at every replica',
    entries: [...issued, revoke(1000), check(END_MS, 'r1', 'challenge'), check(END_MS, 'r3', 'challenge')],
    finds: ['unproven'],
  },
  {
    title: 'has to be shown to hold after the last fault',
    entries: [...issued, revoke(1000), ...sweep(20_000, 't1', 'challenge'), ...fault(30_000, 40_000)],
    finds: ['unproven', 'unproven', 'unproven'],
  },
  {
    title: 'is not shown to hold by no answer',
    entries: [...issued, revoke(1000), ...sweep(END_MS, 't1', 'unavailable')],
    finds: ['not-recovered', 'not-recovered', 'not-recovered', 'unproven', 'unproven', 'unproven'],
  },
])

const scopes: [RevocationEntry['scope'], other: RevocationEntry['scope']][] = [
  [
    { kind: 'session', sid: 's1' },
    { kind: 'session', sid: 's2' },
  ],
  [
    { kind: 'provider-session', provider: 'idp', providerSid: 'p-s1' },
    { kind: 'provider-session', provider: 'other', providerSid: 'p-s1' },
  ],
  [
    { kind: 'subject', subject: 'subject-of-s1' },
    { kind: 'subject', subject: 'subject-of-s2' },
  ],
  [
    { kind: 'email', email: 's1@example.com' },
    { kind: 'email', email: 's2@example.com' },
  ],
  [
    { kind: 'application', application: 'apps/wiki' },
    { kind: 'application', application: 'apps/mail' },
  ],
]

describe('a revocation', () => {
  test.for(scopes)('of $0 reaches its own and nobody else', ([scope, other]) => {
    const late = check(20_000, 'r2', 'allow')
    // The bystander uses the same application.
    const entries = [...issued, ...sweep(END_MS, 't1', 'challenge'), late]
    const own = checkHistory([...bystander(END_MS), ...entries, revoke(1000, { scope })], PROMISED)
    expect(own.filter(({ text }) => text.includes(' t1 ')).map(({ kind }) => kind)).toContain(
      'allowed-after-revocation',
    )
    const others = checkHistory([...bystander(END_MS), ...entries, revoke(1000, { scope: other })], PROMISED)
    expect(others.map(({ kind }) => kind)).toEqual(['login-forced', 'login-forced', 'login-forced'])
  })

  test('of everybody reaches everybody who signed in before, by whatever token', () => {
    const scope = { kind: 'everybody' } as const
    const entries = [signIn(1, 's2'), mint(500, 't2'), mint(5000, 't3', { sid: 's2' }), revoke(1000, { scope })]
    const violations = checkHistory(
      [world, ...entries, ...sweep(END_MS, 't2', 'challenge'), ...sweep(END_MS, 't3', 'allow')],
      PROMISED,
    )
    expect(violations.map(({ kind }) => kind)).toEqual(Array(3).fill('allowed-after-revocation'))
  })

  test('of an application reaches its tokens from before and not its sessions', () => {
    const scope = { kind: 'application', application: 'apps/wiki' } as const
    const entries = [signIn(1, 's2'), mint(30, 't2'), mint(5000, 't3', { sid: 's2' }), revoke(1000, { scope })]
    const swept = [...sweep(END_MS, 't2', 'challenge'), ...sweep(END_MS, 't3', 'allow')]
    expect(checkHistory([world, ...entries, ...swept], PROMISED)).toEqual([])
    const forced = checkHistory([world, ...entries, ...swept, forcedLogin(2000, 's2')], PROMISED)
    expect(forced.map(({ kind }) => kind)).toEqual(['login-forced'])
  })
})

rows('a revocation that is not promised', [
  ...(['pending', 'unknown'] as const).flatMap((answer): Row[] => [
    {
      title: `${answer}, may hold`,
      entries: [...issued, revoke(1000, { answer }), ...sweep(END_MS, 't1', 'challenge')],
    },
    {
      title: `${answer}, may not hold`,
      entries: [...issued, revoke(1000, { answer }), ...sweep(END_MS, 't1', 'allow')],
    },
    {
      title: `${answer}, may be forgotten`,
      entries: [...issued, revoke(1000, { answer }), check(1100, 'r1', 'challenge'), check(9000, 'r1', 'allow')],
    },
  ]),
  {
    title: 'pending, does not reach who signed in later',
    entries: [signIn(9000), mint(9020), revoke(1000, { answer: 'pending' }), check(9050, 'r1', 'challenge')],
    finds: ['login-forced'],
  },
  {
    title: 'unknown, may take effect late and reach who signed in meanwhile',
    entries: [signIn(60_000), mint(60_020), revoke(1000, { answer: 'unknown' }), check(70_000, 'r1', 'challenge')],
  },
  {
    title: 'unknown, does not take effect for ever',
    entries: [signIn(130_000), mint(130_020), revoke(1000, { answer: 'unknown' }), check(140_000, 'r1', 'challenge')],
    finds: ['login-forced'],
  },
])

rows('somebody who is signed in', [
  { title: 'is let in', entries: [...issued, check(1000, 'r1', 'allow')] },
  { title: 'is not sent to sign in', entries: [...issued, check(1000, 'r1', 'challenge')], finds: ['login-forced'] },
  { title: 'is not forbidden', entries: [...issued, check(1000, 'r1', 'forbid')], finds: ['refused-without-cause'] },
  {
    title: 'is not sent to sign in during a fault either',
    entries: [...issued, ...fault(500, 5000), check(1000, 'r1', 'challenge')],
    finds: ['login-forced'],
  },
  { title: 'is not made to sign in again', entries: [...issued, forcedLogin(1000)], finds: ['login-forced'] },
  {
    title: 'may get no answer during a fault, and while it is recovered from',
    entries: [...issued, ...fault(500, 5000), check(1000, 'r1', 'unavailable'), check(20_000, 'r2', 'none')],
  },
  {
    title: 'gets an answer before a fault',
    entries: [...issued, ...fault(5000, 6000), check(1000, 'r1', 'none')],
    finds: ['not-recovered'],
  },
  {
    title: 'gets an answer once all has to be well',
    entries: [...issued, ...fault(500, 5000), check(20_001, 'r1', 'unavailable')],
    finds: ['not-recovered'],
  },
  {
    title: 'gets an answer once all has been seen to be well',
    entries: [...issued, ...fault(500, 5000), { kind: 'recovered', atMs: 6000 }, check(7000, 'r1', 'unavailable')],
    finds: ['not-recovered'],
  },
  {
    title: 'keeps the cookie when there is trouble',
    entries: [...issued, ...fault(500, 5000), check(1000, 'r1', 'unavailable', { clearedCookie: true })],
    finds: ['cookie-cleared'],
  },
  {
    title: 'keeps the cookie when let in',
    entries: [...issued, check(1000, 'r1', 'allow', { clearedCookie: true })],
    finds: ['cookie-cleared'],
  },
  {
    title: 'may lose the cookie when revoked',
    entries: [...revokedToTheEnd, check(1100, 'r1', 'challenge', { clearedCookie: true })],
  },
  {
    title: 'may lose the cookie when revoked, but not to trouble',
    entries: [...revokedToTheEnd, ...fault(900, 5000), check(1100, 'r1', 'unavailable', { clearedCookie: true })],
    finds: ['cookie-cleared'],
  },
  {
    title: 'may be sent to sign in as the token expires, and once it has',
    entries: [
      ...[signIn(1), mint(30, 't1', { expiresAtMs: 50_000 })],
      ...[check(46_000, 'r1', 'challenge'), check(54_000, 'r2', 'allow'), check(90_000, 'r1', 'challenge')],
    ],
  },
  {
    title: 'is let in until the token expires',
    entries: [signIn(1), mint(30, 't1', { expiresAtMs: 50_000 }), check(44_000, 'r1', 'challenge')],
    finds: ['login-forced'],
  },
  {
    title: 'is not let in long after the session has expired',
    entries: [signIn(1, 's1', { expiresAtMs: 50_000 }), mint(30), check(56_000, 'r1', 'allow')],
    finds: ['allowed-after-expiry'],
  },
])

rows('a session whose only copy is lost', [
  {
    title: 'may have to be begun again, and the cookie may go',
    entries: [...issued, dataLoss(500), check(1000, 'r1', 'challenge', { clearedCookie: true }), forcedLogin(2000)],
  },
  {
    title: 'may have to be begun again by whoever had only just signed in',
    entries: [signIn(495), mint(510), dataLoss(500), check(1000, 'r1', 'challenge')],
  },
  { title: 'is not lost before', entries: [...issued, dataLoss(2000), forcedLogin(1000)], finds: ['login-forced'] },
  {
    title: 'is not lost if it began afterwards',
    entries: [signIn(600), mint(620), dataLoss(500), forcedLogin(1000)],
    finds: ['login-forced'],
  },
  {
    title: 'is not lost if it is in the snapshot that was restored',
    entries: [...issued, dataLoss(2000, 1000), forcedLogin(3000)],
    finds: ['login-forced'],
  },
  {
    title: 'stays revoked',
    entries: [...revokedToTheEnd, dataLoss(1500), check(9000, 'r1', 'allow')],
    finds: ['allowed-after-revocation'],
  },
])

rows('what may be had once', [
  { title: 'is had once', entries: [tried(1000, true), tried(1001, false, { replica: 'r2' }), tried(1002, false)] },
  { title: 'may be had by nobody', entries: [tried(1000, false), tried(1001, false)] },
  { title: 'is one thing each', entries: [tried(1000, true), tried(1001, true, { thing: 'code 2' })] },
  {
    title: 'is not had twice, in parallel or after another',
    entries: [tried(1000, true), tried(1001, true, { replica: 'r2' }), tried(9000, true)],
    finds: ['one-time-repeated', 'one-time-repeated'],
  },
  {
    title: 'may be had again if the store lost that it was had',
    entries: [tried(1000, true), dataLoss(2000), tried(9000, true)],
  },
  {
    title: 'is not had again if it was used before the snapshot that was restored',
    entries: [tried(1000, true), dataLoss(2000, 1500), tried(9000, true)],
    finds: ['one-time-repeated'],
  },
])

rows('recovery', [
  { title: 'is seen in time', entries: [...fault(500, 5000), { kind: 'recovered', atMs: 20_000 }] },
  {
    title: 'is seen too late',
    entries: [...fault(500, 5000), { kind: 'recovered', atMs: 20_001 }],
    finds: ['not-recovered'],
  },
  { title: 'is not shown while a fault lasts', entries: [...fault(500, undefined)], finds: ['unproven'] },
  {
    title: 'is not shown if nobody asks after it',
    entries: [...fault(500, END_MS)],
    finds: ['unproven', 'unproven', 'unproven'],
  },
])

const contradictions: [title: string, entries: readonly Entry[]][] = [
  ['without its replicas', [signIn(1)]],
  ['of a check of a token that was never minted', [world, check(1, 'r1', 'allow')]],
  ['of a token without its session', [world, mint(1)]],
  ['of a forced login without its session', [world, forcedLogin(1)]],
  ['of two sessions by one name', [world, signIn(1), signIn(2)]],
  ['of two tokens by one name', [world, signIn(1), mint(2), mint(3)]],
  ['of a replica that there is not', [world, ...issued, check(1, 'r4', 'allow')]],
  ['of an answer before its question', [world, signIn(1, 's1', { answeredAtMs: 0 })]],
  ['of a fault that ends and has not begun', [world, ...fault(1, 2).slice(1)]],
  ['of a fault that begins twice', [world, ...fault(1, undefined), ...fault(2, undefined)]],
]

test.for(contradictions)('a history %s proves nothing', ([, entries]) => {
  expect(() => checkHistory(entries, PROMISED)).toThrow(HistoryError)
})
