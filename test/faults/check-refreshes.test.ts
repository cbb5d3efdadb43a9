import { expect, test } from 'vitest'
import { PROMISED } from '../../faults/bounds.ts'
import { checkHistory, type ViolationKind } from '../../faults/check-history.ts'
import type { Entry } from '../../faults/history.ts'
import { bystander, check, dataLoss, fault, mint, refresh, revoke, signIn, sweep } from './sample-history.ts'

const END_MS = 300_000

interface Row {
  readonly title: string
  readonly entries: readonly Entry[]
  readonly finds?: readonly ViolationKind[]
}

const issued = [signIn(1), mint(30)]
const goesOn = [...issued, ...sweep(END_MS, 't1', 'allow')]
const hasEnded = [...issued, ...sweep(END_MS, 't1', 'challenge')]
const shown = (atMs: number, version: number) => check(atMs, 'r2', 'allow', { version })
const notice = (atMs: number, answer: 'accepted' | 'pending') =>
  revoke(atMs, { scope: { kind: 'provider-session', provider: 'idp', providerSid: 'p-s1' }, answer })

const table: Row[] = [
  { title: 'that is renewed goes on', entries: [...goesOn, refresh(1000)] },
  {
    title: 'whose token is used once each goes on',
    entries: [...goesOn, refresh(1000), refresh(2000, 'renewed', { token: 'p-s1#1' })],
  },
  {
    title: 'whose token is used twice is found out',
    entries: [...goesOn, refresh(1000), refresh(2000, 'used-up')],
    finds: ['refreshed-twice'],
  },
  {
    title: 'whose token is used twice in a fault goes on',
    entries: [...goesOn, ...fault(900, 3000), refresh(1000), refresh(2000, 'used-up')],
  },
  {
    title: 'whose next token was lost with the store’s data may be asked for twice',
    entries: [...hasEnded, refresh(1000), dataLoss(1500, 900, 'snapshot'), refresh(2000, 'used-up')],
  },
  {
    title: 'that is ended because its token was used twice is signed out by us',
    entries: [...hasEnded, refresh(1000), refresh(2000, 'used-up')],
    finds: ['login-forced', 'login-forced', 'login-forced', 'refreshed-twice'],
  },
  {
    title: 'that is ended although the provider renews it is signed out by us',
    entries: [...hasEnded, refresh(1000)],
    finds: ['login-forced', 'login-forced', 'login-forced'],
  },
  { title: 'that the provider has ended is refused', entries: [...hasEnded, refresh(1000, 'refused')] },
  {
    title: 'that the provider has ended may go on for a moment',
    entries: [...hasEnded, refresh(1000, 'refused'), check(5010, 'r2', 'allow')],
  },
  {
    title: 'that the provider has ended and that goes on is found out',
    entries: [...hasEnded, refresh(1000, 'refused'), check(5011, 'r2', 'allow')],
    finds: ['ended-grant-honoured'],
  },
  {
    title: 'that the provider has ended may go on in a fault',
    entries: [...hasEnded, ...fault(1100, 60_000), refresh(1000, 'refused'), check(5011, 'r2', 'allow')],
  },
  {
    title: 'that is refused before the provider has ended it is signed out by us',
    entries: [...hasEnded, refresh(1000, 'refused'), check(900, 'r2', 'challenge')],
    finds: ['login-forced'],
  },
  { title: 'has its new groups soon', entries: [...goesOn, refresh(1000), shown(2010, 0), shown(2011, 1)] },
  {
    title: 'that keeps its old groups is found out',
    entries: [...goesOn, refresh(1000), shown(2011, 0)],
    finds: ['identity-stale'],
  },
  {
    title: 'may keep its old groups in a fault',
    entries: [...goesOn, ...fault(900, 60_000), refresh(1000), shown(20_000, 0)],
  },
  {
    title: 'ended by a logout token is refused everywhere',
    entries: [...hasEnded, notice(1000, 'accepted')],
  },
  {
    title: 'ended by a logout token, and let in later, is found out',
    entries: [...hasEnded, notice(1000, 'accepted'), check(2011, 'r2', 'allow')],
    finds: ['allowed-after-revocation'],
  },
  {
    title: 'brought back by a refresh after a logout token is found out',
    entries: [...goesOn, notice(1000, 'accepted'), refresh(1005)],
    finds: ['allowed-after-revocation', 'allowed-after-revocation', 'allowed-after-revocation'],
  },
  {
    title: 'whose logout token is replayed with success is found out',
    entries: [
      ...[...hasEnded, notice(1000, 'accepted')],
      ...['r1', 'r2'].map((replica): Entry => {
        const at = { client: 'idp', invokedAtMs: 1000, answeredAtMs: 1010 }
        return { kind: 'one-time', ...at, replica, thing: 'logout token 1', succeeded: true }
      }),
    ],
    finds: ['one-time-repeated'],
  },
]

test.for(table)('a session $title', ({ entries, finds = [] }) => {
  const kinds = (history: readonly Entry[]) => checkHistory(history, PROMISED).map(({ kind }) => kind)
  expect(kinds([...bystander(END_MS), ...entries])).toEqual(finds)
  expect(kinds([...bystander(END_MS), ...entries.toReversed()]).sort()).toEqual([...finds].sort())
})
