import { StoreUnavailableError } from '../policy/errors.ts'
import type { Identity } from '../policy/identity.ts'
import type { Refreshed, Renewal } from '../providers/provider.ts'
import type { Revoker } from '../revocation/revoker.ts'
import type { Sealer } from '../tokens/seal.ts'
import { endSession } from './ending.ts'
import type { HeldLock } from './lock.ts'
import { dueAt, isDue, openRefreshToken, type RefreshSettings, sealRefreshToken } from './refresh-times.ts'
import type { Session, SessionRefresh, StoredSession } from './session.ts'
import type { SessionStore } from './session-store.ts'

/** What one renewal works with. */
export interface RenewalPorts {
  readonly store: Pick<SessionStore, 'find' | 'update' | 'remove'>
  readonly revoker: Revoker
  /** Whether a session that the store still has counts no more. */
  readonly isRevoked: (session: Session) => boolean
  /** Asks a provider by its name; undefined: there is none of that name any more. */
  readonly refresh: (provider: string, renewal: Renewal) => Promise<Refreshed> | undefined
  /** This replica reads the session's record again at its next use. */
  readonly forget: (sid: string) => void
  readonly sealer: Sealer
  readonly settings: RefreshSettings
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
  readonly pause: (ms: number) => Promise<void>
}

/** What came of it. */
export type RenewalOutcome =
  /** `isOurs`: the provider was asked; otherwise there was no need to, since somebody else has been quicker. */
  | { readonly kind: 'current'; readonly session: StoredSession; readonly isOurs: boolean }
  /** The session is there no more; `isRefused`: because the provider has just said so. */
  | { readonly kind: 'ended'; readonly isRefused: boolean }
  /** It can never be asked for again: the provider was removed, or nobody can open the refresh token. */
  | { readonly kind: 'impossible'; readonly session: StoredSession; readonly reason: string }

/** How long a new refresh token is kept at hand while the store does not take it. */
const WRITE_PATIENCE_MS = 60_000
const LONGEST_WRITE_PAUSE_MS = 1000
/** So that a provider that gives ever other addresses does not fill the record. */
const MOST_EARLIER_EMAILS = 8
/** How long a refusal is doubted: more than the longest pause of somebody who has the next token and cannot write it. */
const DOUBT_MS = 2500

/**
 * The sealed token that the record had, and all that we have sent there since: whether they have arrived, and whether they are
 * still there after a failover, is not always known. No two records have the same, so a write that comes late undoes nothing.
 */
type Holding = Set<string>

/**
 * Renews one session under its lock: reads it again, asks the provider, and writes what it said before the lock is given back.
 * A refresh token that takes the place of another is written at once, and until the store takes it.
 *
 * @throws ProviderError if the provider says nothing that can be relied on: the session is as it was
 * @throws StoreUnavailableError if the store gives no answer
 */
export async function renewUnderLock(ports: RenewalPorts, sid: string, lock: HeldLock): Promise<RenewalOutcome> {
  const found = await ports.store.find(sid)
  if (found === undefined || (await isCleared(ports, found))) return { kind: 'ended', isRefused: false }
  const { refresh } = found
  if (refresh === undefined || !isDue(found, ports.now())) {
    ports.forget(sid)
    return { kind: 'current', session: found, isOurs: false }
  }
  // Read so late that another replica may be asking by now.
  if (!lock.isHeld()) throw new StoreUnavailableError('the lock on the session has run out')
  return renew(ports, { ...found, refresh })
}

async function renew(
  ports: RenewalPorts,
  found: StoredSession & { readonly refresh: SessionRefresh },
): Promise<RenewalOutcome> {
  const { lastSeenAtMs, ...session } = found
  const refreshToken = await openRefreshToken(ports.sealer, found.refresh, ports.now())
  if (refreshToken === undefined) return { kind: 'impossible', session: found, reason: 'refresh-token-unreadable' }

  const holding: Holding = new Set([found.refresh.sealedToken])
  const { latest, isWritten, settled, keep } = keeper(ports, session, found.refresh, holding)
  const confirmedAtMs = ports.now()
  const asked = ports.refresh(session.identity.provider, {
    refreshToken,
    identity: session.identity,
    idToken: await idTokenOf(ports, session),
    keep,
  })
  if (asked === undefined) return { kind: 'impossible', session: found, reason: 'provider-gone' }
  const refreshed = await asked.catch(async (error: unknown) => {
    await settled()
    if (!isWritten()) await write(ports, latest(), holding)
    throw error
  })
  if (refreshed.kind === 'gone') return refused(ports, found)

  const { sealer, now, random, settings } = ports
  const { sealedIdToken } = session
  const next: Session & { readonly refresh: SessionRefresh } = {
    ...session,
    identity: refreshed.identity,
    earlierEmails: earlierEmailsOf(session, refreshed.identity),
    sealedIdToken:
      refreshed.idToken === undefined
        ? sealedIdToken
        : await sealer.seal('id-token', refreshed.idToken, session.expiresAtMs),
    refresh: {
      sealedToken: await sealRefreshToken(sealer, refreshed.refreshToken, session.expiresAtMs),
      dueAtMs: dueAt(now(), refreshed.expiresAtMs, random(), settings),
      confirmedAtMs,
    },
  }
  // It may have been revoked while the provider was asked.
  if (await isCleared(ports, session)) return { kind: 'ended', isRefused: false }
  const isThere = await write(ports, next, holding)
  await announce(ports, session.sid)
  return isThere
    ? { kind: 'current', session: { ...next, lastSeenAtMs }, isOurs: true }
    : { kind: 'ended', isRefused: false }
}

/** What the provider says now must not undo a revocation by address, be it one that has not been heard of here yet. */
function earlierEmailsOf({ identity, earlierEmails }: Session, { email }: Identity): readonly string[] | undefined {
  const before = identity.email
  if (before === undefined || before === email) return earlierEmails
  return [...(earlierEmails ?? []).filter((earlier) => earlier !== before), before].slice(-MOST_EARLIER_EMAILS)
}

/** Removes the record of a session that has been revoked; it may be there still, or again. */
async function isCleared({ isRevoked, store, forget }: RenewalPorts, session: Session): Promise<boolean> {
  if (!isRevoked(session)) return false
  forget(session.sid)
  await store.remove(session.sid)
  return true
}

async function idTokenOf(ports: RenewalPorts, { sealedIdToken }: Session): Promise<string | undefined> {
  const opened =
    sealedIdToken === undefined ? undefined : await ports.sealer.open('id-token', sealedIdToken, ports.now())
  return typeof opened === 'string' ? opened : undefined
}

/** Puts each new refresh token into the record as soon as it is known. */
function keeper(ports: RenewalPorts, session: Session, refresh: SessionRefresh, holding: Holding) {
  let latest = { ...session, refresh }
  let isWritten = true
  let keeping = Promise.resolve()

  async function put(token: string): Promise<void> {
    isWritten = false
    try {
      const sealedToken = await sealRefreshToken(ports.sealer, token, session.expiresAtMs)
      latest = { ...latest, refresh: { ...refresh, sealedToken } }
      isWritten = (await attempt(ports, latest, holding)) !== 'no answer'
    } catch {
      // It is written again in any case, and then whoever asked for the renewal sees what is wrong.
    }
  }

  return {
    latest: () => latest,
    isWritten: () => isWritten,
    /** The provider's time may be up while its token is being put away. */
    settled: () => keeping,
    keep(token: string): Promise<void> {
      keeping = put(token)
      return keeping
    },
  }
}

/** True if the record is written, or somebody else's is newer; false if the session is there no more. */
async function write(
  ports: RenewalPorts,
  session: Session & { readonly refresh: SessionRefresh },
  holding: Holding,
): Promise<boolean> {
  const startedAtMs = ports.now()
  for (let failures = 0; ; failures += 1) {
    const outcome = await attempt(ports, session, holding)
    if (outcome !== 'no answer') return outcome
    if (ports.now() - startedAtMs >= WRITE_PATIENCE_MS) {
      throw new StoreUnavailableError('the renewed session could not be written')
    }
    await ports.pause(Math.min(LONGEST_WRITE_PAUSE_MS, 50 * 2 ** failures) * (0.5 + ports.random() / 2))
  }
}

async function attempt(
  { store }: RenewalPorts,
  session: Session & { readonly refresh: SessionRefresh },
  holding: Holding,
): Promise<boolean | 'no answer'> {
  try {
    holding.add(session.refresh.sealedToken)
    // A failover may have lost the lock without a word: what another replica has written meanwhile is the newer of the two.
    return (await store.update(session, [...holding])) || (await store.find(session.sid)) !== undefined
  } catch (error) {
    if (error instanceof StoreUnavailableError) return 'no answer'
    throw error
  }
}

/**
 * The provider accepts the refresh token no more. That ends the session, unless the token has been used up by another replica
 * that lost the lock to us and is about to write the next one.
 */
async function refused(
  ports: RenewalPorts,
  found: StoredSession & { readonly refresh: SessionRefresh },
): Promise<RenewalOutcome> {
  const { sid, identity } = found
  await ports.pause(DOUBT_MS)
  const again = await ports.store.find(sid)
  if (again !== undefined && again.refresh?.sealedToken !== found.refresh.sealedToken) {
    ports.forget(sid)
    return { kind: 'current', session: again, isOurs: false }
  }
  await endSession(
    ports,
    sid,
    { actor: 'provider', name: identity.provider, reason: 'refresh-refused' },
    found.expiresAtMs,
  )
  return { kind: 'ended', isRefused: true }
}

/** A replica that is not reached finds out when it comes to renew the session itself, and reads the record then. */
async function announce({ revoker, forget }: RenewalPorts, sid: string): Promise<void> {
  forget(sid)
  await revoker.sessionChanged(sid).catch((error: unknown) => {
    if (!(error instanceof StoreUnavailableError)) throw error
  })
}
