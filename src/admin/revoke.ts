import { StoreUnavailableError } from '../policy/errors.ts'
import type { RevocationScope } from '../revocation/revocation.ts'
import type { SessionFilter } from '../sessions/session-store.ts'
import { found, type Outcome, storeSilent } from './answer.ts'
import type { Caller } from './caller.ts'
import type { RevocationAnswer, RevocationRequest, RevocationStatus, Scope } from './messages.ts'
import type { AdminPorts } from './ports.ts'
import { momentText } from './session-list.ts'

type RevokePorts = Pick<AdminPorts, 'sessions' | 'revoker' | 'isApplication' | 'isProvider'>

/** Records are removed in pages of so many; what is left after so many pages ends by itself. */
const PAGE = 100
const MAX_PAGES = 100

/**
 * Revokes, and then removes records that count no more. The revocation is the promise; the records are tidied up as far as
 * the store lets.
 */
export async function revoke(ports: RevokePorts, request: RevocationRequest, caller: Caller): Promise<Outcome> {
  const { reason, requestedBy } = request
  const scope = scopeOf(request.scope)
  const note = requestedBy === undefined ? reason : `${reason} (asked for by ${requestedBy})`
  const by = { actor: 'admin', name: caller.name, reason: 'revoked-by-admin', note, from: caller.from } as const
  const recorded = await ports.revoker.revoke(scope, by).catch((error: unknown) => {
    if (error instanceof StoreUnavailableError) return undefined
    throw error
  })
  if (recorded === undefined) return { answer: storeSilent(UNCONFIRMED), scope, note }
  const { status, holders, wanted, revocation } = recorded

  const { removedRecords, isWhole } = await removeRecords(ports, scope, revocation.atMs)
  const notes = [unknownNote(scope, ports), isWhole ? undefined : LEFT_NOTE].filter((text) => text !== undefined)
  const answer: RevocationAnswer = {
    status,
    at: momentText(revocation.atMs),
    holders,
    wanted,
    removedRecords,
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  }
  return { answer: found(answer, status === 'accepted' ? 200 : 202), scope, note, sessions: removedRecords }
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

const UNCONFIRMED =
  'The store gave no answer. This replica refuses from now on; whether the others do is not known. Ask again.'

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

interface Removal {
  readonly removedRecords: number
  /** Whether no record is left that could have been removed. */
  readonly isWhole: boolean
}

async function removeRecords({ sessions }: RevokePorts, scope: RevocationScope, atMs: number): Promise<Removal> {
  let removedRecords = 0
  try {
    if (scope.kind === 'session') return { removedRecords: (await sessions.remove(scope.sid)) ? 1 : 0, isWhole: true }
    const filter = filterOf(scope)
    if (filter === undefined) return { removedRecords, isWhole: true }
    let after: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const list = await sessions.list(filter, { limit: PAGE, after })
      // Somebody who has signed in again since then stays signed in.
      const hit = list.sessions.filter(({ createdAtMs }) => createdAtMs <= atMs)
      const removed = await Promise.all(hit.map(({ sid }) => sessions.remove(sid)))
      removedRecords += removed.filter(Boolean).length
      after = list.next
      if (after === undefined) return { removedRecords, isWhole: true }
    }
  } catch (error) {
    // The store has told of its silence itself; the caller reads of it in the note.
    if (!(error instanceof StoreUnavailableError)) throw error
  }
  return { removedRecords, isWhole: false }
}

/** Whose records can be found. Those of an application live on, and those of everybody are too many. */
function filterOf(scope: RevocationScope): SessionFilter | undefined {
  if (scope.kind === 'subject') return { subject: scope.subject }
  return scope.kind === 'email' ? { email: scope.email } : undefined
}
