import type { Decision } from '../policy/decision.ts'

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
    readonly clientAddress: string | undefined
    /** What exactly went wrong, for the log alone. */
    readonly detail?: string | undefined
  }): void
  /** An application's policies have decided at the end of a login. */
  admitted(event: {
    readonly application: string
    readonly decision: Decision
    readonly subject: string
    readonly sid: string
    readonly clientAddress: string | undefined
  }): void
  /** A one-time code has been exchanged for an app token. */
  redeemed(event: { readonly application: string; readonly subject: string; readonly sid: string }): void
  /** Somebody has logged out; `sessions` says how many sessions that ended. */
  loggedOut(event: {
    readonly subject: string | undefined
    readonly sid: string | undefined
    readonly scope: 'session' | 'user'
    readonly sessions: number
  }): void
  /** The portal has refused a request. `reason` is one word, `path` comes without its query. */
  portalRefused(event: {
    readonly reason: string
    readonly host: string | undefined
    readonly path: string
    readonly status: number
  }): void
  /** The store has been called. */
  storeCalled(event: {
    readonly operation: string
    readonly outcome: 'ok' | 'unavailable'
    readonly seconds: number
  }): void
  /** A record in the store could not be read. */
  storeRecordUnreadable(event: { readonly kind: 'session' | 'code'; readonly problem: string }): void
  /** The store has begun or ceased to answer. */
  storeAvailability(event: { readonly isAvailable: boolean; readonly detail: string }): void
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
  /** The process starts in the development mode. */
  developmentMode(event: { readonly authUrl: string }): void
  /** A listener is ready. */
  listening(event: { readonly listener: string; readonly address: string }): void
  /** A file of signing keys has been made. */
  keysCreated(event: { readonly file: string }): void
  /** The process has been asked to stop. */
  stopping(event: { readonly signal: string }): void
  /** A fault of ours; `where` is one word for the part it happened in, `reference` what the visitor was told. */
  internalError(event: { readonly where: string; readonly error: unknown; readonly reference?: string }): void
}
