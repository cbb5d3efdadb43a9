import type {
  CheckEntry,
  DataLossEntry,
  Entry,
  ForcedLoginEntry,
  OneTimeEntry,
  RefreshEntry,
  RevocationEntry,
  SessionEntry,
  TokenEntry,
} from '../../faults/history.ts'

const DAY_MS = 86_400_000

/** Each entry takes 10 ms from its moment, unless the test says otherwise. */
const around = (atMs: number) => ({ client: 'c1', invokedAtMs: atMs, answeredAtMs: atMs + 10 })

export const world: Entry = { kind: 'world', title: 'sample', replicas: ['r1', 'r2', 'r3'] }

export function signIn(atMs: number, sid = 's1', more: Partial<SessionEntry> = {}): SessionEntry {
  const who = { provider: 'idp', subject: `subject-of-${sid}`, email: `${sid}@example.com`, providerSid: `p-${sid}` }
  return { kind: 'session', ...around(atMs), sid, ...who, expiresAtMs: atMs + DAY_MS, ...more }
}

export function mint(atMs: number, token = 't1', more: Partial<TokenEntry> = {}): TokenEntry {
  const of = { token, sid: token.replace('t', 's'), application: 'apps/wiki' }
  return { kind: 'token', ...around(atMs), ...of, expiresAtMs: atMs + DAY_MS, ...more }
}

export function revoke(atMs: number, more: Partial<RevocationEntry> = {}): RevocationEntry {
  const scope = { kind: 'session', sid: 's1' } as const
  return { kind: 'revocation', ...around(atMs), replica: 'r1', scope, answer: 'accepted', ...more }
}

export function check(
  atMs: number,
  replica: string,
  answer: CheckEntry['answer'],
  more: Partial<CheckEntry> = {},
): CheckEntry {
  return { kind: 'check', ...around(atMs), replica, token: 't1', answer, clearedCookie: false, ...more }
}

/** Every replica is shown a token at a moment, and gives the same answer. */
export function sweep(atMs: number, token: string, answer: CheckEntry['answer']): CheckEntry[] {
  return ['r1', 'r2', 'r3'].map((replica) => check(atMs, replica, answer, { token }))
}

export function fault(fromMs: number, toMs: number | undefined, name = 'pause'): Entry[] {
  const begins: Entry = { kind: 'fault', fault: name, phase: 'begins', atMs: fromMs }
  return toMs === undefined ? [begins] : [begins, { kind: 'fault', fault: name, phase: 'ends', atMs: toMs }]
}

export function dataLoss(atMs: number, writtenSinceMs = 0, cause = 'FLUSHALL'): DataLossEntry {
  return { kind: 'data-loss', cause, beganAtMs: atMs, endedAtMs: atMs + 10, writtenSinceMs }
}

export function tried(atMs: number, succeeded: boolean, more: Partial<OneTimeEntry> = {}): OneTimeEntry {
  return { kind: 'one-time', ...around(atMs), replica: 'r1', thing: 'code 1', succeeded, ...more }
}

/** The provider of `signIn` is asked to renew a session. */
export function refresh(
  atMs: number,
  answer: RefreshEntry['answer'] = 'renewed',
  more: Partial<RefreshEntry> = {},
): RefreshEntry {
  return { kind: 'refresh', ...around(atMs), providerSid: 'p-s1', token: 'p-s1#0', answer, version: 1, ...more }
}

export function forcedLogin(atMs: number, sid = 's1'): ForcedLoginEntry {
  return { kind: 'forced-login', ...around(atMs), replica: 'r1', sid }
}

/** Somebody else, valid to the end and let in by every replica, as a whole history has to have. */
export function bystander(untilMs: number): Entry[] {
  return [world, signIn(1, 's9'), mint(30, 't9'), ...sweep(untilMs, 't9', 'allow')]
}
