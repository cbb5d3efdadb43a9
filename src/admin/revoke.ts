import { ignoreUnavailable } from '../policy/errors.ts'
import type { RevocationScope } from '../revocation/revocation.ts'
import { type Cleared, clearRecords } from '../sessions/ending.ts'
import { LIST_LIMIT, type SessionFilter } from '../sessions/session-store.ts'
import { found, type Outcome, storeSilent } from './answer.ts'
import type { Caller } from './caller.ts'
import type { RevocationAnswer, RevocationRequest, RevocationStatus, Scope } from './messages.ts'
import type { AdminPorts } from './ports.ts'
import { momentText } from './session-list.ts'

type RevokePorts = Pick<AdminPorts, 'sessions' | 'forget' | 'revoker' | 'isApplication' | 'isProvider'>

/**
 * Revokes, and then removes records that count no more. The revocation is the promise; the records are tidied up as far as
 * the store lets.
 */
export async function revoke(ports: RevokePorts, request: RevocationRequest, caller: Caller): Promise<Outcome> {
  const { reason, requestedBy } = request
  const scope = scopeOf(request.scope)
  const note = requestedBy === undefined ? reason : `${reason} (asked for by ${requestedBy})`
  const by = { actor: 'admin', name: caller.name, reason: 'revoked-by-admin', note, from: caller.from } as const
  const recorded = await ports.revoker.revoke(scope, by).catch(ignoreUnavailable)
  if (recorded === undefined) return { answer: storeSilent(UNCONFIRMED), scope, note }
  const { status, holders, wanted, revocation } = recorded

  const { removed, isWhole } = await clear(ports, scope, revocation.atMs)
  const notes = [
    unknownNote(scope, ports),
    isWhole ? undefined : LEFT_NOTE,
    isWhole && removed === 0 && (await hitsNobody(ports, scope)) ? NOBODY_NOTE : undefined,
  ].filter((text) => text !== undefined)
  const answer: RevocationAnswer = {
    status,
    at: momentText(revocation.atMs),
    holders,
    wanted,
    removedRecords: removed,
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  }
  return { answer: found(answer, status === 'accepted' ? 200 : 202), scope, note, sessions: removed }
}

/** Answers with what this replica knows of revocations. */
export function revocationStatus({ view }: Pick<AdminPorts, 'view'>): Outcome {
  const ageMs = view.ageMs()
  const status: RevocationStatus = {
    state: view.state(),
    ...(ageMs === undefined ? {} : { ageMs: Math.max(0, Math.round(ageMs)) }),
    size: view.size(),
  }
  return { answer: found(status) }
}

const LEFT_NOTE = 'Not all records of these sessions could be removed: they count for nothing and end by themselves.'

const NOBODY_NOTE = 'No session that this hits is listed now; whoever has one is refused all the same.'

const UNCONFIRMED =
  'The store gave no answer. It may have recorded the revocation or not, and nobody refuses unless it has. Ask again.'

function scopeOf(scope: Scope): RevocationScope {
  switch (scope.type) {
    case 'Session':
      return { kind: 'session', sid: scope.sid }
    case 'ProviderSession':
      return { kind: 'provider-session', provider: scope.provider, providerSid: scope.providerSid }
    case 'Subject':
      return { kind: 'subject', subject: scope.subject }
    case 'Email':
      return { kind: 'email', email: scope.email.toLowerCase() }
    case 'Application':
      return { kind: 'application', application: scope.application }
    case 'Everybody':
      return { kind: 'everybody' }
  }
}

/** What is gone, or was never there, can be revoked all the same; but whoever has mistyped a name should hear of it. */
function unknownNote(scope: RevocationScope, { isApplication, isProvider }: RevokePorts): string | undefined {
  if (scope.kind === 'application' && !isApplication(scope.application)) {
    return 'There is no application of this name now.'
  }
  if (scope.kind === 'provider-session' && !isProvider(scope.provider)) {
    return 'There is no identity provider of this name now.'
  }
  return undefined
}

/**
 * Whether nobody is signed in whom the scope hits, as far as the list tells, given that no record has been removed. Records of
 * a provider's session are not removed but looked for, if the provider has no more than one page of sessions.
 */
async function hitsNobody({ sessions }: RevokePorts, scope: RevocationScope): Promise<boolean> {
  if (scope.kind !== 'provider-session') return scope.kind === 'session' || filterOf(scope) !== undefined
  const page = { limit: LIST_LIMIT }
  const listed = await sessions.list({ provider: scope.provider }, page).catch(ignoreUnavailable)
  if (listed === undefined || listed.next !== undefined) return false
  return listed.sessions.every(({ providerSid }) => providerSid !== scope.providerSid)
}

async function clear({ sessions, forget }: RevokePorts, scope: RevocationScope, atMs: number): Promise<Cleared> {
  if (scope.kind === 'session') {
    forget(scope.sid)
    return clearOne(sessions, scope.sid)
  }
  const filter = filterOf(scope)
  return filter === undefined ? { removed: 0, isWhole: true } : clearRecords({ store: sessions, forget }, filter, atMs)
}

async function clearOne(sessions: RevokePorts['sessions'], sid: string): Promise<Cleared> {
  const isRemoved = await sessions.remove(sid).catch(ignoreUnavailable)
  return { removed: isRemoved === true ? 1 : 0, isWhole: isRemoved !== undefined }
}

/** Whose records can be found. Those of an application live on, and those of everybody are too many. */
function filterOf(scope: RevocationScope): SessionFilter | undefined {
  if (scope.kind === 'subject') return { subject: scope.subject }
  return scope.kind === 'email' ? { email: scope.email } : undefined
}
