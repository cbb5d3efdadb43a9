import type { Bounds } from './bounds.ts'
import {
  type CheckEntry,
  type DataLossEntry,
  type ForcedLoginEntry,
  type History,
  HistoryError,
  type RefreshEntry,
  type SessionEntry,
  type TokenEntry,
} from './history.ts'
import { type Issued, type Reached, reachOf } from './reach.ts'
import { type Timeline, timelineOf } from './timeline.ts'

/** Why somebody may have been refused: revoked (perhaps), expired (perhaps), or gone with the session's only copy. */
export type Excuse = { readonly kind: 'revoked' | 'expired' } | { readonly kind: 'lost'; readonly loss: DataLossEntry }

/** A token and all that bears on it. */
export interface Case extends Issued, Reached {
  /** Its checks in the order in which they were asked. */
  readonly checks: readonly CheckEntry[]
  /** Data losses that may have taken its session. */
  readonly losses: readonly DataLossEntry[]
  /** What the provider was asked about its session. */
  readonly refreshes: readonly RefreshEntry[]
}

/** A history read as a whole. What could have been either way is never held against anybody. */
export interface Judge {
  readonly replicas: readonly string[]
  readonly timeline: Timeline
  readonly cases: readonly Case[]
  readonly losses: readonly DataLossEntry[]
  readonly refreshes: readonly RefreshEntry[]
  /** The excuse for a refusal of a token; undefined if it was valid beyond doubt. */
  excuseFor(one: Case, check: CheckEntry): Excuse | undefined
  /** The excuse for sending somebody with a session to sign in again. */
  excuseForLogin(login: ForcedLoginEntry): Excuse | undefined
}

/** Reads a history. Throws a HistoryError if it contradicts itself. */
export function judgeOf(history: History, bounds: Bounds): Judge {
  const world = history.find((entry) => entry.kind === 'world')
  if (world === undefined) throw new HistoryError('the history does not say which replicas there are')
  for (const entry of history) {
    if ('invokedAtMs' in entry && entry.answeredAtMs < entry.invokedAtMs) {
      throw new HistoryError(`an answer before the question: ${JSON.stringify(entry)}`)
    }
    if ('replica' in entry && !world.replicas.includes(entry.replica)) {
      throw new HistoryError(`there is no replica "${entry.replica}"`)
    }
  }

  const losses = history.filter((entry) => entry.kind === 'data-loss')
  const refreshes = refreshesBySession(history)
  const sessions = byName(history, 'session', (entry) => entry.sid)
  const tokens = byName(history, 'token', (entry) => entry.token)
  const checks = checksByToken(history, tokens)
  const reach = reachOf(history, bounds)

  function sessionOf(sid: string): SessionEntry {
    const session = sessions.get(sid)
    if (session === undefined) throw new HistoryError(`no session "${sid}" was recorded`)
    return session
  }

  function refreshesOf({ providerSid }: SessionEntry): readonly RefreshEntry[] {
    return (providerSid === undefined ? undefined : refreshes.get(providerSid)) ?? []
  }

  /** A session whose newest refresh token is lost cannot be renewed any more. */
  function lossesOf(session: SessionEntry): DataLossEntry[] {
    const written = [session, ...refreshesOf(session).filter(({ answer }) => answer === 'renewed')]
    return losses.filter(({ writtenSinceMs, endedAtMs }) =>
      written.some(({ answeredAtMs, invokedAtMs }) => answeredAtMs >= writtenSinceMs && invokedAtMs <= endedAtMs),
    )
  }

  function excuse(
    asked: CheckEntry | ForcedLoginEntry,
    expiresAtMs: number,
    { possibly }: Reached,
    session: SessionEntry,
    lost: readonly DataLossEntry[],
  ): Excuse | undefined {
    if (possibly.some(({ invokedAtMs }) => invokedAtMs <= asked.answeredAtMs)) return { kind: 'revoked' }
    const refusals = refreshesOf(session).filter(({ answer }) => answer === 'refused')
    if (refusals.some(({ invokedAtMs }) => invokedAtMs <= asked.answeredAtMs)) return { kind: 'revoked' }
    if (asked.answeredAtMs >= expiresAtMs - bounds.expiryToleranceMs) return { kind: 'expired' }
    const loss = lost.find(({ beganAtMs }) => beganAtMs <= asked.answeredAtMs)
    return loss && { kind: 'lost', loss }
  }

  const cases = [...tokens.values()].map((token): Case => {
    const session = sessionOf(token.sid)
    const ofToken = checks.get(token.token) ?? []
    const of = { losses: lossesOf(session), refreshes: refreshesOf(session) }
    return { token, session, checks: ofToken, ...of, ...reach({ token, session }) }
  })

  return {
    replicas: world.replicas,
    timeline: timelineOf(history, bounds),
    cases,
    losses,
    refreshes: [...refreshes.values()].flat(),
    excuseFor: (one, check) =>
      excuse(check, Math.min(one.token.expiresAtMs, one.session.expiresAtMs), one, one.session, one.losses),
    excuseForLogin(login) {
      const session = sessionOf(login.sid)
      // A session as such has no application, so that no revocation of one reaches it.
      const token: TokenEntry = { ...session, kind: 'token', token: '', application: '' }
      return excuse(login, session.expiresAtMs, reach({ token, session }), session, lossesOf(session))
    },
  }
}

function refreshesBySession(history: History): Map<string, RefreshEntry[]> {
  const bySession = new Map<string, RefreshEntry[]>()
  for (const entry of history) {
    if (entry.kind !== 'refresh') continue
    const others = bySession.get(entry.providerSid)
    if (others === undefined) bySession.set(entry.providerSid, [entry])
    else others.push(entry)
  }
  return bySession
}

function byName<Kind extends 'session' | 'token'>(
  history: History,
  kind: Kind,
  nameOf: (entry: Extract<History[number], { kind: Kind }>) => string,
): Map<string, Extract<History[number], { kind: Kind }>> {
  const named = new Map<string, Extract<History[number], { kind: Kind }>>()
  for (const entry of history) {
    if (!isKind(entry, kind)) continue
    if (named.has(nameOf(entry))) throw new HistoryError(`two are named ${kind} "${nameOf(entry)}"`)
    named.set(nameOf(entry), entry)
  }
  return named
}

function isKind<Kind extends History[number]['kind']>(
  entry: History[number],
  kind: Kind,
): entry is Extract<History[number], { kind: Kind }> {
  return entry.kind === kind
}

function checksByToken(history: History, tokens: ReadonlyMap<string, TokenEntry>): Map<string, CheckEntry[]> {
  const byToken = new Map<string, CheckEntry[]>()
  for (const entry of history) {
    if (entry.kind !== 'check') continue
    const others = byToken.get(entry.token)
    if (others !== undefined) others.push(entry)
    else if (tokens.has(entry.token)) byToken.set(entry.token, [entry])
    else throw new HistoryError(`no token "${entry.token}" was recorded`)
  }
  for (const checks of byToken.values()) checks.sort((a, b) => a.invokedAtMs - b.invokedAtMs)
  return byToken
}
