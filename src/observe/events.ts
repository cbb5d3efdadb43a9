import type { Decision } from '../policy/decision.ts'
import type { FaultPlace } from './fault-places.ts'

/** What is revoked, with what any kind of scope has. */
export interface RevokedScope {
  readonly kind: 'session' | 'provider-session' | 'subject' | 'email' | 'application' | 'everybody'
  readonly sid?: string
  readonly provider?: string
  readonly providerSid?: string
  readonly subject?: string
  readonly email?: string
  /** `namespace/name`. */
  readonly application?: string
}

/** One object of the resources, or one host, that differs from what it was. */
export interface ResourceChange {
  /** Kind of object, such as `AccessPolicy`, or `Host`. */
  readonly kind: string
  /** `namespace/name`, or the name of what has no namespace. */
  readonly name: string
  readonly change: 'added' | 'changed' | 'removed'
  /** SHA-256 of its content in hexadecimal; undefined: it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** Whether it is in force now, if only in part. */
  readonly isInForce: boolean
}

/** What is looked at in the store's server. */
export type StoreSetting = 'maxmemory-policy' | 'version' | 'replicas' | 'persistence'

/** Whose password: that of the servers that keep data, or that of the Sentinels. */
export type StoreAccount = 'server' | 'sentinel'

/**
 * Everything worth knowing, one function per event: each counts, and writes a structured line. None ever throws. Of what
 * they are given, only the fields listed in `log-list.ts` reach a line, and no text of a client's reaches a label.
 */
export interface Events {
  /**
   * A check has been decided. The hot path. `application` is the key of an application that exists, never merely what a
   * URL named; `path` comes without its query.
   */
  decided(event: {
    readonly dialect: string
    readonly application: string | undefined
    readonly decision: Decision
    readonly host: string
    readonly path: string
    readonly method: string
    readonly clientAddress: string | undefined
    readonly subject: string | undefined
    /** Address of the person; stands in the audit trail alone, as in the events below. */
    readonly email?: string | undefined
    readonly seconds: number
  }): void
  /** A browser is sent to an identity provider. */
  loginStarted(event: {
    readonly application: string
    readonly provider: string
    readonly host: string
    readonly clientAddress: string | undefined
  }): void
  /** A login has come back. `reason` is a `Reason` of policies or of providers. */
  loginFinished(event: {
    readonly application: string | undefined
    readonly provider: string
    readonly outcome: 'signed-in' | 'refused' | 'failed'
    readonly reason: string
    readonly subject: string | undefined
    readonly sid: string | undefined
    readonly email?: string | undefined
    readonly clientAddress: string | undefined
    /** What exactly went wrong. */
    readonly detail?: string | undefined
  }): void
  /** An application's policies have decided at the end of a login. */
  admitted(event: {
    readonly application: string
    readonly decision: Decision
    readonly subject: string
    readonly sid: string
    readonly email?: string | undefined
    readonly clientAddress: string | undefined
  }): void
  /** A one-time code has been exchanged for an app token. */
  redeemed(event: { readonly application: string; readonly subject: string; readonly sid: string }): void
  /** Somebody has logged out; `sessions` says how many sessions that ended. */
  loggedOut(event: {
    readonly subject: string | undefined
    readonly sid: string | undefined
    readonly email?: string | undefined
    readonly clientAddress?: string | undefined
    readonly scope: 'session' | 'user'
    readonly sessions: number
  }): void
  /** Something has been revoked, or was to be: with `unconfirmed` the store gave no answer. */
  revoked(event: {
    readonly scope: RevokedScope
    readonly by: {
      readonly actor: 'person' | 'admin' | 'provider' | 'gatehouse'
      readonly name?: string | undefined
      readonly reason: string
      readonly note?: string | undefined
      readonly from?: string | undefined
    }
    readonly outcome: 'accepted' | 'pending' | 'unconfirmed'
    readonly holders?: number | undefined
    readonly wanted?: number | undefined
  }): void
  /**
   * The admin API has been called, or a call was refused for its credentials. `operation` is one of a fixed list, `reason` one
   * word, `admin` the name of the credential.
   */
  adminActed(event: {
    readonly operation: string
    readonly outcome: 'done' | 'refused' | 'failed'
    readonly reason: string
    readonly status: number
    readonly admin: string | undefined
    readonly scope?: RevokedScope | undefined
    /** How many sessions ended. */
    readonly sessions?: number | undefined
    /** Words that the admin gave. */
    readonly note?: string | undefined
    readonly clientAddress: string | undefined
  }): void
  /** The portal has refused a request. `reason` is one word, `path` comes without its query. */
  portalRefused(event: {
    readonly reason: string
    readonly host: string | undefined
    readonly path: string
    readonly status: number
    /** What exactly was wrong, for the log alone. */
    readonly detail?: string | undefined
  }): void
  /** The store has been called. */
  storeCalled(event: {
    readonly operation: string
    readonly outcome: 'ok' | 'unavailable'
    readonly seconds: number
    /** Why it was not answered, for the log alone. */
    readonly detail?: string | undefined
  }): void
  /** A record in the store could not be read. */
  storeRecordUnreadable(event: { readonly kind: 'session' | 'code' | 'revocation'; readonly problem: string }): void
  /**
   * A provider was asked for a person anew: it vouches for them (`renewed`), or accepts the refresh token no more, which ends the
   * session (`ended`), or nothing came of it. `reason` is `renewed`, `refresh-refused`, `refresh-token-unreadable`, or a reason
   * of policies or of providers.
   */
  sessionRefreshed(event: {
    readonly provider: string
    readonly outcome: 'renewed' | 'ended' | 'failed'
    readonly reason: string
    readonly subject: string
    readonly sid: string
    readonly detail?: string | undefined
  }): void
  /** The store no longer has a session that nobody has ended; this replica goes on with its copy. */
  sessionRecordLost(event: { readonly sid: string }): void
  /** All revocations have been read from the store; `entries` says how many it has. */
  revocationViewReloaded(event: { readonly reason: 'start' | 'gap'; readonly entries: number }): void
  /** The store has been given back revocations that it had lost. */
  revocationsRestored(event: { readonly count: number }): void
  /** The local clock is ahead of the store's by more than may be (`byMs`, negative: behind), or agrees again (undefined). */
  clockDisagrees(event: { readonly byMs: number | undefined }): void
  /** The store has begun or ceased to answer. */
  storeAvailability(event: { readonly isAvailable: boolean; readonly detail: string }): void
  /** A setting of the store's server endangers what is kept there (`found`), or is as it has to be (undefined). */
  storeSettingUnsafe(event: {
    readonly setting: StoreSetting
    readonly found: string | undefined
    readonly expected: string
    /** Whether it is as it has to be after it was found unsafe. */
    readonly isOver: boolean
  }): void
  /** The file with a password of the store holds another one, cannot be read, or can be read again. */
  storePasswordFile(event: {
    readonly account: StoreAccount
    readonly outcome: 'changed' | 'unreadable' | 'readable'
    readonly detail: string | undefined
  }): void
  /** A check has believed a session that cannot be held against current revocations, since the configuration says so. */
  staleRevocationsTrusted(event: { readonly application: string; readonly sid: string }): void
  /** An identity provider has been called. */
  providerCalled(event: {
    readonly provider: string
    readonly operation: 'discovery' | 'jwks' | 'token' | 'userinfo'
    readonly outcome: 'ok' | 'failed'
    readonly seconds: number
    readonly detail?: string | undefined
  }): void
  /** A set of resources has been swapped in. */
  resourcesLoaded(event: {
    readonly kinds: Readonly<Record<string, { readonly ready: number; readonly refused: number }>>
    readonly seconds: number
  }): void
  /**
   * Other resources are in force. `changes` names what differs from before; undefined: there was nothing before. `digest` is
   * that of the whole set, `objects` how many it has.
   */
  policyChanged(event: {
    readonly source: string
    readonly digest: string
    readonly objects: number
    readonly changes: readonly ResourceChange[] | undefined
  }): void
  /** A resource is not valid. */
  resourceProblem(event: {
    readonly file: string | undefined
    readonly line: number | undefined
    readonly object: string | undefined
    readonly path: string
    readonly problem: string
  }): void
  /** A watch of the API server is begun anew, or a list asked for again; `reason` is one word. */
  watchRestarted(event: { readonly resource: string; readonly reason: string }): void
  /** A kind of object can no longer be kept equal to the API server's. */
  watchInterrupted(event: { readonly resource: string; readonly problem: string }): void
  /** It can again; `seconds` says how long it could not. */
  watchRecovered(event: { readonly resource: string; readonly seconds: number }): void
  /** This replica has begun or ceased to lead. */
  leadershipChanged(event: { readonly isLeader: boolean; readonly detail: string }): void
  /** The lease by which the leader is elected cannot be read or written (`problem`), or can be again (undefined). */
  leaseTrouble(event: { readonly problem: string | undefined }): void
  /** The leader has looked at the cluster and written what differed; `conflicts` counts what does not stick. */
  controllerRan(event: {
    readonly seconds: number
    readonly writes: number
    readonly failures: number
    readonly conflicts: number
  }): void
  /** The leader has written an object, as `Ingress monitoring/grafana`, or could not. */
  controllerWrote(event: { readonly object: string; readonly outcome: 'ok' | 'failed'; readonly error?: unknown }): void
  /** Part of the record of first claims cannot be read, or the record cannot be kept. */
  hostClaimsProblem(event: { readonly line: number | undefined; readonly problem: string }): void
  /** Other keys are in use from now on: names of the one that signs and the one that seals, and how many are accepted. */
  keysReplaced(event: {
    readonly source: string
    readonly signing: string
    readonly sealing: string
    readonly accepted: number
    /** When the key that signs was made, in milliseconds since 1970. */
    readonly createdAtMs: number
  }): void
  /** What is to hold the keys holds none that can be used; those known before, if any, stay in use. */
  keysUnreadable(event: { readonly source: string; readonly problem: string }): void
  /** The leader has made, turned or restored the keys. */
  keysWritten(event: {
    readonly source: string
    readonly change: 'created' | 'rotated' | 'restored'
    readonly detail: string | undefined
  }): void
  /** The Secret of the keys cannot be read, written or used by the leader (`problem`), or can be again (undefined). */
  keySecretTrouble(event: { readonly source: string; readonly problem: string | undefined }): void
  /** Credentials of the admin listener cannot be used as its files have them (`problem`), or can be again (undefined). */
  adminCredentialsTrouble(event: { readonly problem: string | undefined }): void
  /** Audit records cannot be written any more (`problem`), or can be again (undefined); `lost` says how many are not there. */
  auditTrouble(event: { readonly problem: string | undefined; readonly lost: number }): void
  /** The process starts in the development mode. */
  developmentMode(event: { readonly authUrl: string }): void
  /** A listener is ready. */
  listening(event: { readonly listener: string; readonly address: string }): void
  /** A file of signing keys has been made. */
  keysCreated(event: { readonly file: string }): void
  /** The process has been asked to stop. */
  stopping(event: { readonly signal: string }): void
  /** A fault of ours; `where` is the part it happened in, `reference` what the visitor was told. */
  internalError(event: { readonly where: FaultPlace; readonly error: unknown; readonly reference?: string }): void
}
