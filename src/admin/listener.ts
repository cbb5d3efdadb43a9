import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import { type AddressInfo, isIPv6 } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import { type Admin, createAdmin } from './admin.ts'
import { type AdminAnswer, refusal } from './answer.ts'
import type { AdminPorts } from './ports.ts'
import { AdminCredentialsError, followTlsFiles, readTlsFiles, type TlsFiles } from './tls-files.ts'
import { readTokenFile } from './token-file.ts'

export interface AdminSettings {
  readonly host: string
  readonly port: number
  /** File of the bearer token that callers need; undefined: they need none. */
  readonly tokenFile?: string | undefined
  /** Undefined: plain HTTP. */
  readonly tls?: (TlsFiles & { readonly allowedNames: readonly string[] }) | undefined
}

/** The admin listener, while it listens. */
export interface AdminListener {
  /** `address:port`, as bound. */
  readonly address: string
  /** Takes no new requests, and ends once those under way are answered, or after 5 seconds. */
  close(): Promise<void>
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const
const MAX_CONNECTIONS = 100
const MAX_REQUESTS_PER_CONNECTION = 100
const HANDSHAKE_TIMEOUT_MS = 5_000
const CLOSE_TIMEOUT_MS = 5_000
const LOOK_AT_CERTIFICATES_MS = 10_000

/**
 * Starts the admin API on a listener of its own. Files of credentials are read anew when they change.
 *
 * @param options.lookAtCertificatesMs how often the files of certificates are looked at
 * @throws AdminCredentialsError if they cannot be used at the start; otherwise the system's error if it cannot listen
 */
export async function startAdminListener(
  settings: AdminSettings,
  ports: AdminPorts,
  { lookAtCertificatesMs = LOOK_AT_CERTIFICATES_MS }: { readonly lookAtCertificatesMs?: number } = {},
): Promise<AdminListener> {
  const { tokenFile, tls, host, port } = settings
  const wantsCertificate = tls?.clientCaFile !== undefined
  if (tokenFile === undefined && !wantsCertificate)
    throw new AdminCredentialsError('the admin listener has no credentials')
  await checkTokenFile(tokenFile, ports)
  const admin = createAdmin(ports, {
    tokenFile,
    wantsCertificate,
    allowedNames: tls?.allowedNames ?? [],
    isPlaceholder: ports.isPlaceholder,
    onTokenFile: onChange((problem) => ports.events.adminCredentialsTrouble({ problem })),
  })

  const context = tls === undefined ? undefined : await readTlsFiles(tls)
  const server = serverFor(context, wantsCertificate, listenerFor(admin, ports))
  server.on('clientError', answerNonsense)
  server.maxHeadersCount = 0
  server.maxConnections = MAX_CONNECTIONS
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION
  server.listen(port, host)
  await once(server, 'listening')
  const unfollow =
    server instanceof TlsServer && tls !== undefined && context !== undefined
      ? followTlsFiles(server, tls, context, { events: ports.events, everyMs: lookAtCertificatesMs })
      : () => undefined
  return {
    address: addressOf(server.address() as AddressInfo),
    async close() {
      unfollow()
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
      await closed
      clearTimeout(cut)
    },
  }
}

function serverFor(
  context: SecureContextOptions | undefined,
  wantsCertificate: boolean,
  listener: RequestListener,
): Server | TlsServer {
  if (context === undefined) return createServer(LIMITS, listener)
  const options = {
    ...LIMITS,
    ...context,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    requestCert: wantsCertificate,
    // Who has none that counts is told so in words, counted and audited like anybody else with wrong credentials.
    rejectUnauthorized: false,
  }
  return createTlsServer(options, listener)
}

/** A token that cannot be used is found at the start, and not by the first who needs it. */
async function checkTokenFile(file: string | undefined, { isPlaceholder }: AdminPorts): Promise<void> {
  if (file === undefined) return
  const held = await readTokenFile(file, isPlaceholder)
  if (!held.isUsable) throw new AdminCredentialsError(held.problem)
}

/** Passes on what differs from the time before; undefined comes first. */
function onChange(report: (value: string | undefined) => void): (value: string | undefined) => void {
  let last: string | undefined
  return (value) => {
    if (value !== last) report(value)
    last = value
  }
}

function listenerFor(admin: Admin, ports: AdminPorts): RequestListener {
  return async (request: IncomingMessage, response: ServerResponse) => {
    const answer = await admin(request)
    try {
      send(response, answer)
    } catch (error) {
      ports.events.internalError({ where: 'admin', error })
      response.destroy()
    }
  }
}

function send(response: ServerResponse, answer: AdminAnswer): void {
  const { body, headers } = written(answer)
  response.writeHead(answer.status, headers)
  response.end(body)
}

function written({ body, headers }: AdminAnswer): { body: string; headers: Record<string, string> } {
  const text = `${JSON.stringify(body)}\n`
  return {
    body: text,
    headers: {
      ...headers,
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  }
}

/** What is no HTTP, too large a head, or too slow. */
function answerNonsense(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = NONSENSE[error.code ?? ''] ?? 400
  const { body, headers } = written(
    refusal(status, 'admin-malformed', 'This is no sound HTTP request, or came too slowly.'),
  )
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}

const NONSENSE: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

function addressOf({ address, port }: AddressInfo): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
}
