import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RevocableSession, RevocationScope } from '../../src/revocation/revocation.ts'
import type { RevokedBy, Revoker } from '../../src/revocation/revoker.ts'
import type { RevocationView } from '../../src/revocation/view.ts'

/** What somebody revoked. */
export interface Revoked {
  readonly scope: RevocationScope
  readonly by: RevokedBy
  readonly atMs: number
}

/** Revocations of one process that is its own store: what is revoked counts at once. */
export interface SimpleRevocations {
  readonly view: RevocationView
  readonly revoker: Revoker
  /** Moment of what is issued now: later than every revocation so far. */
  readonly issueTime: () => number
  /** In their order. */
  readonly revoked: Revoked[]
  /** Sessions that were announced as changed, in their order. */
  readonly changed: string[]
}

/** @param isDown whether the store gives no answer to `revoker.<method>` */
export function simpleRevocations(now: () => number, isDown: (operation: string) => boolean): SimpleRevocations {
  const revoked: Revoked[] = []
  const changed: string[] = []
  /** The highest moment of an issue or a revocation. */
  let latestMs = 0
  let latestRevokedMs = 0
  const assertUp = (operation: string) => {
    if (isDown(operation)) throw new StoreUnavailableError(`${operation} is down`)
  }
  return {
    revoked,
    changed,
    issueTime() {
      const issuedAtMs = Math.max(now(), latestRevokedMs + 1)
      latestMs = Math.max(issuedAtMs, latestMs)
      return issuedAtMs
    },
    view: {
      hitsSession: (session) =>
        revoked.some(({ scope, atMs }) => session.createdAtMs <= atMs && isMeant(scope, session)),
      hitsToken: (application, issuedAtMs) =>
        revoked.some(
          ({ scope, atMs }) =>
            issuedAtMs <= atMs &&
            (scope.kind === 'everybody' || (scope.kind === 'application' && scope.application === application)),
        ),
      state: () => 'current',
      ageMs: () => 0,
      size: () => revoked.length,
      add: () => false,
    },
    revoker: {
      async revoke(scope, by) {
        assertUp('revoker.revoke')
        latestMs = Math.max(now(), latestMs)
        latestRevokedMs = latestMs
        revoked.push({ scope, by, atMs: latestMs })
        const revocation = { scope, atMs: latestMs, expiresAtMs: latestMs + 86_400_000 }
        return { revocation, status: 'accepted', holders: 0, wanted: 0 }
      },
      async sessionChanged(sid) {
        assertUp('revoker.sessionChanged')
        changed.push(sid)
      },
    },
  }
}

function isMeant(scope: RevocationScope, { sid, providerSid, identity }: RevocableSession): boolean {
  switch (scope.kind) {
    case 'session':
      return scope.sid === sid
    case 'provider-session':
      return scope.provider === identity.provider && scope.providerSid === providerSid
    case 'subject':
      return scope.subject === identity.subject
    case 'email':
      return scope.email === identity.email
    case 'application':
      return false
    case 'everybody':
      return true
  }
}
