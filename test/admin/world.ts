import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AdminListener, type AdminSettings, startAdminListener } from '../../src/admin/listener.ts'
import type { AdminPorts } from '../../src/admin/ports.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { Recorded } from '../../src/revocation/log.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import type { RevokedBy } from '../../src/revocation/revoker.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { type Clock, standingClock } from '../contracts/clock.ts'
import { type Observed, observed } from '../observe/observed.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { assertDocumented } from './documented.ts'

export const TOKEN = 'u7Qm2xWq9LrT4vZk8NcB1sHy6DfJ3gPa'
/** When revocations of this world are recorded: a second after sessions of `sampleSession` begin. */
export const REVOKED_AT_MS = 1_790_000_001_000

/** The admin listener on real sockets, sessions in memory, and a revoker that takes down what it is asked for. */
export interface AdminWorld extends AsyncDisposable {
  readonly listener: AdminListener
  readonly port: number
  readonly sessions: SessionStore
  readonly clock: Clock
  readonly seen: Observed
  /** What was revoked, and on whose behalf. */
  readonly revoked: readonly { readonly scope: RevocationScope; readonly by: RevokedBy }[]
  /**
   * What becomes of the next revocations: `silent` stands for a store without an answer.
   *
   * @param holders how many of two replicas have them; all if they are accepted, otherwise none
   */
  become(status: Recorded['status'] | 'silent', holders?: number): void
  readonly tokenFile: string
  /** Replaces the token in its file. */
  writeToken(text: string): Promise<void>
  /** Calls with the right token unless the headers say otherwise. Throws if the answer is not as the OpenAPI document says. */
  call(path: string, options?: CallOptions): Promise<AdminReply>
  revoke(scope: object, more?: object): Promise<AdminReply>
}

export interface CallOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON unless it is a text. */
  readonly body?: unknown
}

export interface AdminReply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of the body
  readonly body: any
}

export async function startWorld(
  settings: Partial<AdminSettings> & { readonly lookAtCertificatesMs?: number } = {},
  ports: Partial<AdminPorts> = {},
): Promise<AdminWorld> {
  const { lookAtCertificatesMs, ...rest } = settings
  const directory = await temporaryDirectory('admin')
  const tokenFile = join(directory.path, 'token')
  const writeToken = (text: string) => writeFile(tokenFile, text, { mode: 0o600 })
  await writeToken(`${TOKEN}\n`)
  const clock = standingClock()
  const seen = observed()
  const sessions = memorySessionStore({ now: clock.now })
  const revoked: { scope: RevocationScope; by: RevokedBy }[] = []
  let status: Recorded['status'] | 'silent' = 'accepted'
  let holders = 2

  const listener = await startAdminListener(
    { host: '127.0.0.1', port: 0, tokenFile, ...rest },
    {
      sessions,
      forget: () => undefined,
      revoker: {
        async revoke(scope, by) {
          if (status === 'silent') throw new StoreUnavailableError('silent')
          revoked.push({ scope, by })
          const revocation = { scope, atMs: REVOKED_AT_MS, expiresAtMs: REVOKED_AT_MS + 1 }
          return { revocation, status, holders, wanted: 2 }
        },
      },
      view: {
        hitsSession: ({ sid }) => revoked.some(({ scope }) => scope.kind === 'session' && scope.sid === sid),
        state: () => 'current',
        ageMs: () => 12.5,
        size: () => revoked.length,
      },
      events: seen.events,
      isApplication: (key) => key === 'shop/cart',
      isProvider: (name) => name === 'corporate',
      isPlaceholder: (text) => text.startsWith('changeme'),
      monotonicMs: clock.now,
      newReference: () => 'reference-1',
      ...ports,
    },
    lookAtCertificatesMs === undefined ? {} : { lookAtCertificatesMs },
  )
  const port = Number(listener.address.split(':').at(-1))

  async function call(path: string, { method = 'GET', headers = {}, body }: CallOptions = {}): Promise<AdminReply> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const { status, headers: sent } = response
    const answer = await response.json()
    assertDocumented(method, path, { status, type: sent.get('content-type'), body: answer })
    return { status, headers: sent, body: answer }
  }

  return {
    listener,
    port,
    sessions,
    clock,
    seen,
    revoked,
    become(next, have = next === 'accepted' ? 2 : 0) {
      status = next
      holders = have
    },
    tokenFile,
    writeToken,
    call,
    revoke: (scope, more = { reason: 'laptop stolen' }) =>
      call('/v1/revocations', { method: 'POST', body: { scope, ...more } }),
    async [Symbol.asyncDispose]() {
      await listener.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}
