import fc from 'fast-check'
import type { CheckEntry, Entry, RevocationEntry, SessionEntry, TokenEntry } from '../../faults/history.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'

const REPLICAS: readonly string[] = ['r1', 'r2', 'r3']
const END_MS = 1_000_000
const FAULT_MS = 60_000
const RECOVERY_MS = 15_000

/** Where in a stretch of time something happens: 0 at its beginning, 1 at its end. */
const share = fc.double({ min: 0, max: 1, noNaN: true })
/** When something is asked, and how long the answer takes. */
const timing = fc.record({
  atMs: fc.integer({ min: 0, max: 200_000 }),
  tookMs: fc.integer({ min: 0, max: 3000 }),
  share,
})
const person = fc.constantFrom('ada', 'bob', 'eve')
const application = fc.constantFrom('apps/wiki', 'apps/mail')
const replica = fc.constantFrom(...REPLICAS)

const plan = fc.record({
  sessions: fc.array(
    fc.record({ login: timing, minting: timing, person, application, lagMs: fc.integer({ min: 0, max: 2900 }) }),
    { minLength: 1, maxLength: 6, size: 'max' },
  ),
  revocations: fc.array(
    fc.record({
      timing,
      kind: fc.constantFrom('session', 'provider-session', 'subject', 'email', 'application', 'everybody'),
      of: fc.nat(5),
      answer: fc.constantFrom('accepted', 'accepted', 'pending', 'unknown'),
      seen: fc.tuple(share, share, share),
      isLost: fc.boolean(),
      lateMs: fc.integer({ min: 0, max: 100_000 }),
    }),
    { maxLength: 4, size: 'max' },
  ),
  checks: fc.array(fc.record({ timing, replica, of: fc.nat(5), isUnlucky: fc.boolean(), clears: fc.boolean() }), {
    maxLength: 60,
  }),
  faultAtMs: fc.option(fc.integer({ min: 0, max: 150_000 }), { nil: undefined }),
  lossAtMs: fc.option(fc.integer({ min: 0, max: 200_000 }), { nil: undefined, freq: 1 }),
  codes: fc.array(fc.record({ timing, winner: fc.nat(9) }), { maxLength: 3, size: 'max' }),
})

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never

/** A history in which every promise is kept, and what is known of its tokens without any doubt. */
export interface CorrectHistory {
  readonly entries: readonly Entry[]
  readonly surelyRevoked: readonly string[]
  readonly surelyValid: readonly string[]
}

interface Issue {
  readonly session: SessionEntry
  readonly token: TokenEntry
  readonly sessionMomentMs: number
  readonly tokenMomentMs: number
}

interface Effect {
  readonly revocation: RevocationEntry
  readonly momentMs: number
  /** When each replica sees it, and until when. */
  readonly seenFromMs: readonly number[]
  readonly seenUntilMs: number
}

/** Histories that a world makes in which everything has one true moment and every promise is kept. */
export const correctHistories: fc.Arbitrary<CorrectHistory> = plan.map(play)

function play(planned: Plan): CorrectHistory {
  const issues = planned.sessions.map(issue)
  const effects = planned.revocations.map((revocation) => effect(revocation, issues, planned.faultAtMs))
  const { faultAtMs, lossAtMs } = planned
  const isTroubled = (fromMs: number, toMs: number) =>
    faultAtMs !== undefined && toMs >= faultAtMs && fromMs <= faultAtMs + FAULT_MS + RECOVERY_MS

  function answerAt(of: Issue, at: string, momentMs: number): 'allow' | 'challenge' {
    const index = REPLICAS.indexOf(at)
    const isRevoked = effects.some(
      (one) => hits(one, of) && momentMs >= (one.seenFromMs[index] ?? 0) && momentMs < one.seenUntilMs,
    )
    const isLost = lossAtMs !== undefined && of.session.answeredAtMs <= lossAtMs && momentMs >= lossAtMs
    return isRevoked || isLost ? 'challenge' : 'allow'
  }

  const checks = planned.checks.flatMap((asked): CheckEntry[] => {
    const of = issues[asked.of % issues.length]
    if (of === undefined) return []
    const fromMs = of.token.answeredAtMs + asked.timing.atMs
    const check = { ...operation(fromMs, asked.timing), kind: 'check' as const, replica: asked.replica }
    const hasNone = asked.isUnlucky && isTroubled(check.invokedAtMs, check.answeredAtMs)
    const answer = answerAt(of, asked.replica, momentOf(check, asked.timing.share))
    const clearedCookie = !hasNone && asked.clears && answer === 'challenge'
    return [{ ...check, token: of.token.token, answer: hasNone ? 'unavailable' : answer, clearedCookie }]
  })
  const last = issues.flatMap((of) => REPLICAS.map((at) => finalCheck(of, at, answerAt(of, at, END_MS))))
  // Somebody whom nothing reaches, so that each replica lets in somebody.
  const other = issue({ ...stranger, person: 'mallory', application: 'apps/other' }, 99)
  const isAll = effects.some(({ revocation }) => revocation.scope.kind === 'everybody')
  const others = isAll ? late(other) : other

  return {
    entries: [
      { kind: 'world', title: 'a correct world', replicas: [...REPLICAS] },
      ...[...issues, others].flatMap(({ session, token }) => [session, token]),
      ...effects.map(({ revocation }) => revocation),
      ...checks,
      ...last,
      ...REPLICAS.map((at) => finalCheck(others, at, 'allow')),
      ...faultEntries(faultAtMs),
      ...(lossAtMs === undefined ? [] : [loss(lossAtMs)]),
      ...planned.codes.flatMap(codeEntries),
    ],
    surelyRevoked: issues.filter((of) => effects.some((one) => isSure(one, of))).map(({ token }) => token.token),
    surelyValid: issues
      .filter((of) => !effects.some((one) => isConcerned(one, of)) && lossAtMs === undefined)
      .map(({ token }) => token.token),
  }
}

const still = { atMs: 0, tookMs: 0, share: 0 }
const stranger = { login: still, minting: still, lagMs: 0 }

/** The same, begun after everything else. */
function late(of: Issue): Issue {
  const moved = { invokedAtMs: END_MS - 10, answeredAtMs: END_MS - 5 }
  return { ...of, session: { ...of.session, ...moved }, token: { ...of.token, ...moved } }
}

function operation(fromMs: number, { tookMs }: { tookMs: number }) {
  return { client: 'c1', invokedAtMs: fromMs, answeredAtMs: fromMs + tookMs }
}

function momentOf({ invokedAtMs, answeredAtMs }: { invokedAtMs: number; answeredAtMs: number }, at: number): number {
  return invokedAtMs + (answeredAtMs - invokedAtMs) * at
}

function issue(
  planned: Omit<Plan['sessions'][number], 'person' | 'application'> & { person: string; application: string },
  index: number,
): Issue {
  const sid = `s${index}`
  const { person: who } = planned
  const login = operation(planned.login.atMs, planned.login)
  const session: SessionEntry = {
    ...{ kind: 'session', ...login, sid, provider: 'idp', subject: who, email: `${who}@example.com` },
    ...{ providerSid: `${who}-at-idp`, expiresAtMs: 1e9 },
  }
  const minting = operation(login.answeredAtMs + planned.minting.atMs, planned.minting)
  const token: TokenEntry = {
    ...{ kind: 'token', ...minting, token: `t${index}`, sid, application: planned.application, expiresAtMs: 1e9 },
  }
  const sessionMomentMs = momentOf(login, planned.login.share) - planned.lagMs
  return { session, token, sessionMomentMs, tokenMomentMs: momentOf(minting, planned.minting.share) - planned.lagMs }
}

function effect(planned: Plan['revocations'][number], issues: readonly Issue[], faultAtMs: number | undefined): Effect {
  const of = issues[planned.of % issues.length]
  if (of === undefined) throw new Error('there is no session')
  const asked = operation(planned.timing.atMs, planned.timing)
  const revocation: RevocationEntry = {
    ...{ kind: 'revocation', ...asked, replica: 'r1', answer: planned.answer, scope: scopeOf(planned.kind, of) },
  }
  const isUnknown = planned.answer === 'unknown'
  const momentMs = momentOf(asked, planned.timing.share) + (isUnknown ? planned.lateMs : 0)
  const boundMs = isUnknown ? momentMs + 30_000 : heldFrom(asked.answeredAtMs, faultAtMs)
  const isLost = planned.answer !== 'accepted' && planned.isLost
  return {
    revocation,
    momentMs,
    seenFromMs: planned.seen.map((at) => momentMs + (boundMs - momentMs) * at),
    seenUntilMs: isLost ? boundMs : Number.POSITIVE_INFINITY,
  }
}

/** 1 s; or 30 s, or 1 s after all is well, if there is trouble when that second ends. */
function heldFrom(answeredAtMs: number, faultAtMs: number | undefined): number {
  const quiet = answeredAtMs + 1000
  if (faultAtMs === undefined) return quiet
  const wellAtMs = faultAtMs + FAULT_MS + RECOVERY_MS
  if (quiet < faultAtMs || answeredAtMs >= wellAtMs) return quiet
  return Math.min(answeredAtMs + 30_000, Math.max(answeredAtMs, wellAtMs) + 1000)
}

function scopeOf(kind: RevocationScope['kind'], { session, token }: Issue): RevocationScope {
  const { sid, subject, provider } = session
  const scopes: Record<RevocationScope['kind'], RevocationScope> = {
    session: { kind: 'session', sid },
    'provider-session': { kind: 'provider-session', provider, providerSid: session.providerSid ?? '' },
    subject: { kind: 'subject', subject },
    email: { kind: 'email', email: session.email ?? '' },
    application: { kind: 'application', application: token.application },
    everybody: { kind: 'everybody' },
  }
  return scopes[kind]
}

/** Whether the revocation names what was issued, whenever that was. */
function isConcerned({ revocation: { scope } }: Effect, of: Issue): boolean {
  return JSON.stringify(scope) === JSON.stringify(scopeOf(scope.kind, of))
}

function hits(one: Effect, of: Issue): boolean {
  const isOfTokens = one.revocation.scope.kind === 'application'
  return isConcerned(one, of) && one.momentMs >= (isOfTokens ? of.tokenMomentMs : of.sessionMomentMs)
}

function isSure(one: Effect, of: Issue): boolean {
  const { answer, invokedAtMs, scope } = one.revocation
  const issued = scope.kind === 'application' ? of.token : of.session
  return answer === 'accepted' && isConcerned(one, of) && issued.answeredAtMs < invokedAtMs
}

function finalCheck({ token }: Issue, at: string, answer: CheckEntry['answer']): CheckEntry {
  return { kind: 'check', ...operation(END_MS, still), replica: at, token: token.token, answer, clearedCookie: false }
}

function faultEntries(atMs: number | undefined): Entry[] {
  if (atMs === undefined) return []
  return [
    { kind: 'fault', fault: 'pause', phase: 'begins', atMs },
    { kind: 'fault', fault: 'pause', phase: 'ends', atMs: atMs + FAULT_MS },
  ]
}

function loss(atMs: number): Entry {
  return { kind: 'data-loss', cause: 'FLUSHALL', beganAtMs: atMs, endedAtMs: atMs, writtenSinceMs: 0 }
}

function codeEntries({ timing: at, winner }: Plan['codes'][number], index: number): Entry[] {
  return Array.from({ length: 5 }, (_, number) => {
    const tried = { thing: `code ${index}`, replica: 'r1', succeeded: number === winner }
    return { kind: 'one-time', ...operation(at.atMs, at), ...tried }
  })
}
