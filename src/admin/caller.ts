import type { IncomingMessage } from 'node:http'
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { type AdminAnswer, refusal } from './answer.ts'
import type { Read } from './read.ts'
import { readTokenFile } from './token-file.ts'

/** Who calls the admin API, as far as their credentials say. */
export interface Caller {
  /** `bearer`, or the name in a client certificate with its fingerprint. Stands in the audit log. */
  readonly name: string
  /** Address at the other end of the connection. */
  readonly from: string
}

/** Which credentials a caller has to have: each that is set. */
export interface CallerRules {
  readonly tokenFile: string | undefined
  readonly wantsCertificate: boolean
  /** Names of which a client certificate has to have one; none: every name will do. */
  readonly allowedNames: readonly string[]
  readonly isPlaceholder: (text: string) => boolean
  /** Hears what is wrong with the token's file; undefined: nothing. */
  readonly onTokenFile: (problem: string | undefined) => void
}

/** Says who calls, or what is wrong with their credentials. Each that is configured is needed. */
export async function readCaller(request: IncomingMessage, rules: CallerRules): Promise<Read<Caller>> {
  const from = request.socket.remoteAddress ?? ''
  const certificate = rules.wantsCertificate ? certificateOf(request) : undefined
  if (rules.wantsCertificate) {
    if (certificate === undefined) return { refused: unauthenticated(missingCertificate(request), {}) }
    const names = namesOf(certificate)
    if (rules.allowedNames.length > 0 && !names.some((name) => rules.allowedNames.includes(name))) {
      return { refused: refusal(403, 'admin-not-allowed', 'No name of the client certificate is allowed.') }
    }
  }
  const refused = rules.tokenFile === undefined ? undefined : await refusedToken(request, rules.tokenFile, rules)
  if (refused !== undefined) return { refused }
  return { value: { name: certificate === undefined ? 'bearer' : nameOf(certificate), from } }
}

async function refusedToken(
  { rawHeaders }: IncomingMessage,
  file: string,
  { isPlaceholder, onTokenFile }: CallerRules,
): Promise<AdminAnswer | undefined> {
  const held = await readTokenFile(file, isPlaceholder)
  onTokenFile(held.isUsable ? undefined : held.problem)
  if (!held.isUsable) {
    const headers = { 'retry-after': '10' }
    return refusal(503, 'admin-token-unusable', 'The file of the bearer token is not usable.', { headers })
  }
  const fields = rawHeaders.filter(
    (_, index) => index % 2 === 1 && /^authorization$/i.test(rawHeaders[index - 1] ?? ''),
  )
  const [, given] = /^bearer +(\S+)$/i.exec(fields[0] ?? '') ?? []
  if (fields.length === 1 && given !== undefined && held.accepts(given)) return undefined
  return unauthenticated(wrongToken(fields.length, given), { 'www-authenticate': 'Bearer' })
}

/** Tells an operator what to mend. Of the right token it says no more than that this is not it. */
function wrongToken(fields: number, given: string | undefined): string {
  if (fields > 1) return '`Authorization` may stand in the request only once.'
  return given === undefined
    ? 'A bearer token is needed: `Authorization: Bearer …`.'
    : 'The bearer token is not the right one.'
}

function unauthenticated(detail: string, headers: Readonly<Record<string, string>>): AdminAnswer {
  return refusal(401, 'admin-unauthenticated', detail, { headers })
}

function missingCertificate({ socket }: IncomingMessage): string {
  const code: unknown = socket instanceof TLSSocket ? socket.authorizationError : undefined
  return `A client certificate is needed that the authority of this listener has signed${code ? ` (${code})` : ''}.`
}

/** The certificate that the TLS handshake has verified. */
function certificateOf({ socket }: IncomingMessage): DetailedPeerCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerCertificate(true)
  return Object.hasOwn(certificate, 'fingerprint256') ? certificate : undefined
}

/** The common name, if there is exactly one, then the DNS names, URIs and email addresses of the subject. */
function namesOf({ subject, subjectaltname = '' }: DetailedPeerCertificate): string[] {
  const common: unknown = subject?.CN
  // Node puts a name with a comma or a quote in it into quotes, so that a name cannot pass for two.
  const alternatives = subjectaltname
    .split(', ')
    .flatMap((entry) => /^(?:DNS|URI|email):([^"]+)$/.exec(entry)?.[1] ?? [])
  return [...(typeof common === 'string' ? [common] : []), ...alternatives]
}

function nameOf(certificate: DetailedPeerCertificate): string {
  const [name = 'no name'] = namesOf(certificate)
  return `${name.slice(0, 200)} (certificate ${certificate.fingerprint256})`
}
