import { createHash } from 'node:crypto'
import type { AuditActor, AuditBody, AuditTarget } from './audit-record.ts'
import type { Events, ResourceChange, RevokedScope } from './events.ts'
import { ifDefined, safeDigest, safeHost, safePath, safeSubject, safeText, safeWords } from './redact.ts'

type Event<Name extends keyof Events> = Parameters<Events[Name]>[0]

/** What a denied check leaves behind. */
export function denialBody(event: Event<'decided'>): AuditBody {
  return {
    kind: 'denial',
    outcome: 'forbidden',
    reason: event.decision.reason,
    policy: event.decision.policy,
    actor: personActor(event),
    application: ifDefined(event.application, safeText),
    from: ifDefined(event.clientAddress, safeText),
    host: safeHost(event.host),
    path: safePath(event.path),
    method: safeText(event.method, 32),
  }
}

export function loginBody(event: Event<'loginFinished'>): AuditBody {
  return {
    kind: 'login',
    outcome: event.outcome,
    reason: safeText(event.reason),
    actor: personActor(event),
    provider: safeText(event.provider),
    application: ifDefined(event.application, safeText),
    from: ifDefined(event.clientAddress, safeText),
    note: ifDefined(event.detail, safeText),
  }
}

const ADMISSIONS = { allow: 'granted', challenge: 'refused', forbid: 'refused', unavailable: 'undecided' } as const

export function admissionBody(event: Event<'admitted'>): AuditBody {
  return {
    kind: 'admission',
    outcome: ADMISSIONS[event.decision.outcome],
    reason: event.decision.reason,
    policy: event.decision.policy,
    actor: personActor(event),
    application: safeText(event.application),
    from: ifDefined(event.clientAddress, safeText),
  }
}

export function logoutBody(event: Event<'loggedOut'>): AuditBody {
  return {
    kind: 'logout',
    outcome: 'done',
    reason: event.scope === 'user' ? 'signed-out-everywhere' : 'signed-out',
    actor: personActor(event),
    from: ifDefined(event.clientAddress, safeText),
    sessions: event.sessions,
  }
}

/** What Gatehouse itself does to one session is the end of that session; whatever somebody asked for is a revocation. */
export function revocationBody({ scope, by, outcome, holders, wanted }: Event<'revoked'>): AuditBody {
  const isOfItself = by.actor === 'gatehouse' && (scope.kind === 'session' || scope.kind === 'provider-session')
  return {
    kind: isOfItself ? 'session-ended' : 'revocation',
    outcome,
    reason: safeText(by.reason),
    actor: { type: by.actor, ...named(by) },
    target: targetOf(scope),
    from: ifDefined(by.from, safeText),
    note: ifDefined(by.note, safeWords),
    holders,
    wanted,
  }
}

export function adminBody(event: Event<'adminActed'>): AuditBody {
  return {
    kind: 'admin',
    outcome: event.outcome,
    reason: safeText(event.reason),
    actor: event.admin === undefined ? { type: 'unknown' } : { type: 'admin', name: safeWords(event.admin) },
    operation: safeText(event.operation),
    target: ifDefined(event.scope, targetOf),
    from: ifDefined(event.clientAddress, safeText),
    note: ifDefined(event.note, safeWords),
    status: event.status,
    sessions: event.sessions,
  }
}

/** One record for each object that differs; of the first set there is one for all, since nothing is known of before. */
export function policyBodies({ source, digest, objects, changes }: Event<'policyChanged'>): readonly AuditBody[] {
  const actor: AuditActor = { type: 'source', name: safeText(source) }
  const set = safeDigest(digest)
  if (changes !== undefined) return changes.map((change) => changeBody(change, actor, set))
  const resource = { kind: 'Set', name: safeText(source), digest: set, isInForce: true }
  return [{ kind: 'policy-change', outcome: 'loaded', reason: 'start', actor, resource, set, objects }]
}

function changeBody({ kind, name, change, before, after, isInForce }: ResourceChange, actor: AuditActor, set: string) {
  const resource = {
    kind: safeText(kind),
    name: kind === 'Host' ? safeHost(name) : safeText(name, 320),
    digest: ifDefined(after, safeDigest),
    before: ifDefined(before, safeDigest),
    isInForce,
  }
  const body: AuditBody = { kind: 'policy-change', outcome: change, reason: 'source-changed', actor, resource, set }
  return body
}

export function keysInUseBody({ source, signing, sealing }: Event<'keysReplaced'>): AuditBody {
  const names = { signing: safeText(signing), sealing: safeText(sealing) }
  return keysBody('in-use', source, names)
}

export function keysWrittenBody({ source, change, detail }: Event<'keysWritten'>): AuditBody {
  return keysBody(change, source, { note: ifDefined(detail, safeText) })
}

export function keysCreatedBody({ file }: Event<'keysCreated'>): AuditBody {
  return keysBody('created', file, {})
}

function keysBody(
  outcome: 'created' | 'rotated' | 'restored' | 'in-use',
  source: string,
  rest: { readonly signing?: string; readonly sealing?: string; readonly note?: string | undefined },
): AuditBody {
  return { kind: 'keys', outcome, reason: outcome, actor: { type: 'gatehouse' }, source: safeText(source), ...rest }
}

function personActor(of: {
  readonly subject: string | undefined
  readonly sid?: string | undefined
  readonly email?: string | undefined
}): AuditActor {
  if (of.subject === undefined) return { type: 'unknown' }
  return {
    type: 'person',
    subject: safeSubject(of.subject),
    email: ifDefined(of.email, safeAddress),
    session: ifDefined(of.sid, wholeSid),
  }
}

/** A name may be an address or a subject; each has its own field. */
function named({ actor, name }: Event<'revoked'>['by']): Partial<AuditActor> {
  if (name === undefined) return {}
  if (actor !== 'person') return { name: safeWords(name) }
  return ADDRESS.test(name) ? { email: name } : { subject: safeSubject(name) }
}

function targetOf(scope: RevokedScope): AuditTarget {
  return {
    kind: scope.kind,
    session: ifDefined(scope.sid, wholeSid),
    subject: ifDefined(scope.subject, safeSubject),
    email: ifDefined(scope.email, safeAddress),
    application: ifDefined(scope.application, safeText),
    provider: ifDefined(scope.provider, safeText),
    providerSession: ifDefined(scope.providerSid, hashed),
  }
}

const SID = /^[\w-]{43}$/

/** The hash that names a session, whole, since an admin can end the session by it; it opens nothing. */
function wholeSid(sid: string): string {
  return SID.test(sid) ? sid : safeText(sid, 12)
}

const ADDRESS = /^[^\s@<>()[\]{}"',:;=/\\?&#|\p{C}]{1,64}@[^\s@<>()[\]{}"',:;=/\\?&#|\p{C}]{1,255}$/u

/** An e-mail address as it is, if it looks like one: a record has to say who it was. Else as any free text. */
function safeAddress(address: string): string {
  return ADDRESS.test(address) ? address : safeText(address)
}

/** What a provider calls its session is its own secret to keep. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
