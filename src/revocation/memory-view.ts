import { createExpiry } from './expiry.ts'
import { createMoments, type Moment, type Moments, revocationOf } from './moments.ts'
import type { RevocableSession, Revocation, RevocationScope } from './revocation.ts'
import type { FollowedView } from './view.ts'

export interface RevocationViewContext {
  /** Milliseconds; only differences count. */
  readonly monotonicMs: () => number
  /** Milliseconds since 1970, and never later than what anything is held to have expired by. */
  readonly now: () => number
  /** How old the view may get, in milliseconds. */
  readonly maxStalenessMs: number
}

const NEVER = Number.NEGATIVE_INFINITY
/** A few milliseconds of work. */
const SWEPT_AT_ONCE = 5000
const LOOKED_AT_ONCE = 10_000
const EVERYBODY = ''

/** Keeps the revocations in maps of their own for each kind of scope, so that a question builds no key. */
export function createRevocationView({ monotonicMs, now, maxStalenessMs }: RevocationViewContext): FollowedView {
  const sessions = createMoments((sid) => ({ kind: 'session', sid }))
  const subjects = createMoments((subject) => ({ kind: 'subject', subject }))
  const emails = createMoments((email) => ({ kind: 'email', email }))
  const applications = createMoments((application) => ({ kind: 'application', application }))
  const everybody = createMoments(() => ({ kind: 'everybody' }))
  const providerSessions = new Map<string, Moments>()
  const expiry = createExpiry()
  let everybodyAtMs = NEVER
  let size = 0
  let owed = 0
  let reading = 1
  let confirmedAt: number | undefined

  function placeOf(scope: RevocationScope): { of: Moments; key: string } {
    switch (scope.kind) {
      case 'session':
        return { of: sessions, key: scope.sid }
      case 'provider-session':
        return { of: sessionsOf(scope.provider), key: scope.providerSid }
      case 'subject':
        return { of: subjects, key: scope.subject }
      case 'email':
        return { of: emails, key: scope.email }
      case 'application':
        return { of: applications, key: scope.application }
      case 'everybody':
        return { of: everybody, key: EVERYBODY }
    }
  }

  function sessionsOf(provider: string): Moments {
    const known = providerSessions.get(provider)
    if (known !== undefined) return known
    const moments = createMoments((providerSid) => ({ kind: 'provider-session', provider, providerSid }))
    providerSessions.set(provider, moments)
    return moments
  }

  function take({ scope, atMs, expiresAtMs }: Revocation, isHeld: boolean): boolean {
    if (expiresAtMs <= now()) return false
    const { of, key } = placeOf(scope)
    const known = of.get(key)
    if (known === undefined) begin({ key, of, atMs, expiresAtMs, heldIn: isHeld ? reading : 0 })
    else if (!merge(known, atMs, expiresAtMs, isHeld)) return false
    if (of === everybody) everybodyAtMs = of.at(EVERYBODY)
    return true
  }

  function begin(moment: Moment): void {
    moment.of.put(moment)
    expiry.note(moment, undefined)
    size += 1
    if (moment.heldIn !== reading) owed += 1
  }

  /** @returns whether the moment has become a later one */
  function merge(known: Moment, atMs: number, expiresAtMs: number, isHeld: boolean): boolean {
    const wasOwed = known.heldIn !== reading
    const isLater = atMs > known.atMs
    const isLonger = expiresAtMs > known.expiresAtMs
    if (isHeld) {
      if (atMs >= known.atMs && expiresAtMs >= known.expiresAtMs) known.heldIn = reading
    } else if (isLater || isLonger) known.heldIn = 0
    if (isLater) known.atMs = atMs
    if (isLonger) {
      const previousMs = known.expiresAtMs
      known.expiresAtMs = expiresAtMs
      expiry.note(known, previousMs)
    }
    owed += Number(known.heldIn !== reading) - Number(wasOwed)
    return isLater
  }

  function drop(moment: Moment): void {
    if (moment.of.get(moment.key) !== moment) return
    moment.of.delete(moment.key)
    size -= 1
    if (moment.heldIn !== reading) owed -= 1
    if (moment.of === everybody) everybodyAtMs = NEVER
  }

  function* moments(): Generator<Moment> {
    for (const of of [everybody, applications, subjects, emails, ...providerSessions.values(), sessions]) {
      yield* of.values()
    }
  }

  function* owedPages(most: number): Generator<readonly Revocation[]> {
    let page: Revocation[] = []
    let looked = 0
    for (const moment of moments()) {
      looked += 1
      // The store takes nothing that has ended, so that would be owed until it is swept.
      if (moment.heldIn !== reading && moment.expiresAtMs <= now()) drop(moment)
      else if (moment.heldIn !== reading) page.push(revocationOf(moment))
      if (page.length < most && looked < LOOKED_AT_ONCE) continue
      yield page
      page = []
      looked = 0
    }
    if (page.length > 0) yield page
  }

  function hitsEmails(addresses: readonly string[], createdAtMs: number): boolean {
    for (const address of addresses) if (createdAtMs <= emails.at(address)) return true
    return false
  }

  function hitsSession({ sid, createdAtMs, providerSid, identity, earlierEmails }: RevocableSession): boolean {
    return (
      createdAtMs <= everybodyAtMs ||
      createdAtMs <= sessions.at(sid) ||
      createdAtMs <= subjects.at(identity.subject) ||
      (identity.email !== undefined && createdAtMs <= emails.at(identity.email)) ||
      (earlierEmails !== undefined && hitsEmails(earlierEmails, createdAtMs)) ||
      (providerSid !== undefined && createdAtMs <= (providerSessions.get(identity.provider)?.at(providerSid) ?? NEVER))
    )
  }

  function ageMs(): number | undefined {
    return confirmedAt === undefined ? undefined : Math.max(0, monotonicMs() - confirmedAt)
  }

  return {
    hitsSession,
    hitsToken: (application, issuedAtMs) => issuedAtMs <= everybodyAtMs || issuedAtMs <= applications.at(application),
    state() {
      const age = ageMs()
      if (age === undefined) return 'never-read'
      return age <= maxStalenessMs ? 'current' : 'stale'
    },
    ageMs,
    size: () => size,
    add: (revocation) => take(revocation, false),
    addHeld: (revocation) => take(revocation, true),
    forgetHeld() {
      reading += 1
      owed = size
    },
    confirmed(atMonotonicMs) {
      confirmedAt = Math.max(confirmedAt ?? atMonotonicMs, atMonotonicMs)
    },
    *entries() {
      for (const moment of moments()) yield revocationOf(moment)
    },
    owed: () => owed,
    owedPages,
    sweep: () => expiry.take(now(), SWEPT_AT_ONCE, drop),
  }
}
