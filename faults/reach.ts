import type { RevocationScope } from '../src/revocation/revocation.ts'
import type { Bounds } from './bounds.ts'
import type { History, RevocationEntry, SessionEntry, TokenEntry } from './history.ts'

/** A token with the session that it rests on. */
export interface Issued {
  readonly token: TokenEntry
  readonly session: SessionEntry
}

/** Which revocations have to do with a token, each list in the order in which they were asked for. */
export interface Reached {
  /** Accepted, and asked for only after what it hits had been issued: from its bound on the token is refused. */
  readonly surely: readonly RevocationEntry[]
  /** Of any answer, with a moment that may lie after the issue: from the asking on the token may be refused. */
  readonly possibly: readonly RevocationEntry[]
}

/** Tells for each token which revocations of a history reach it. */
export function reachOf(history: History, bounds: Bounds): (issued: Issued) => Reached {
  const byScope = new Map<string, RevocationEntry[]>()
  const revocations = history.filter((entry) => entry.kind === 'revocation')
  for (const revocation of revocations.toSorted((a, b) => a.invokedAtMs - b.invokedAtMs)) {
    const key = scopeKey(revocation.scope)
    const others = byScope.get(key)
    if (others === undefined) byScope.set(key, [revocation])
    else others.push(revocation)
  }

  function latestMoment(revocation: RevocationEntry): number {
    return revocation.answeredAtMs + (revocation.answer === 'unknown' ? bounds.lateEffectMs : 0)
  }

  return (issued) => {
    const named = scopesOf(issued).flatMap((scope) => byScope.get(scopeKey(scope)) ?? [])
    const inOrder = named.sort((a, b) => a.invokedAtMs - b.invokedAtMs)
    return {
      surely: inOrder.filter(
        (revocation) =>
          revocation.answer === 'accepted' && issueHitBy(revocation, issued).answeredAtMs < revocation.invokedAtMs,
      ),
      possibly: inOrder.filter(
        (revocation) => issueHitBy(revocation, issued).invokedAtMs - bounds.issueLagMs <= latestMoment(revocation),
      ),
    }
  }
}

/** What the revocation's moment is held against: one of an application ends its tokens and leaves the sessions. */
function issueHitBy({ scope }: RevocationEntry, { token, session }: Issued): TokenEntry | SessionEntry {
  return scope.kind === 'application' ? token : session
}

function scopesOf({ token, session }: Issued): RevocationScope[] {
  const { sid, provider, providerSid, subject, email } = session
  return [
    { kind: 'session', sid },
    ...(providerSid === undefined ? [] : [{ kind: 'provider-session' as const, provider, providerSid }]),
    { kind: 'subject', subject },
    ...(email === undefined ? [] : [{ kind: 'email' as const, email }]),
    { kind: 'application', application: token.application },
    { kind: 'everybody' },
  ]
}

function scopeKey(scope: RevocationScope): string {
  switch (scope.kind) {
    case 'session':
      return `session ${scope.sid}`
    case 'provider-session':
      return `provider-session ${JSON.stringify([scope.provider, scope.providerSid])}`
    case 'subject':
      return `subject ${scope.subject}`
    case 'email':
      return `email ${scope.email}`
    case 'application':
      return `application ${scope.application}`
    case 'everybody':
      return 'everybody'
  }
}
