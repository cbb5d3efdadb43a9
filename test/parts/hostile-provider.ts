import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

type Json = Record<string, unknown>
export type Endpoint = 'discovery' | 'jwks' | 'token' | 'userinfo'

/** An answer that no client expects. */
export type Misanswer =
  | 'hangs'
  | 'drips'
  | 'drops the connection'
  | 'is huge'
  | 'is HTML'
  | 'redirects'
  | 'fails'
  | 'is not UTF-8'
  | 'is a list'
  | 'refuses'

/** How the provider misbehaves; what is left out it does right. */
export interface Mischief {
  readonly discovery?: Misanswer | ((document: Json) => Json)
  readonly jwks?: Misanswer | ((keys: Json[]) => Json[])
  readonly token?: Misanswer | ((body: Json) => Json)
  /** A text is sent as a JWT (`application/jwt`). */
  readonly userinfo?: Misanswer | ((claims: Json) => Json | string)
  /** Changes the claims of the ID token before it is signed. */
  readonly claims?: (claims: Json) => Json
  /** Makes the ID token out of its claims; default: RS256 with the published key. */
  readonly sign?: (claims: Json) => string
  /** Gives refresh tokens, good once each or for ever; left out: none. */
  readonly refreshTokens?: 'rotated' | 'kept'
  /** How long the token endpoint takes, having done what it was asked for. */
  readonly lateMs?: number
  /** Makes the ID token of a refresh out of its claims; undefined: there is none. Default: as `sign`. */
  readonly signAgain?: (claims: Json) => string | undefined
  /** Changes what the browser brings back. */
  readonly response?: (parameters: URLSearchParams) => void
}

export interface HostileProvider {
  readonly issuer: string
  /** How often each endpoint has been called. */
  readonly calls: Readonly<Record<Endpoint, number>>
  /** The last request to the token endpoint. */
  readonly lastTokenRequest: () => { readonly authorization: string | undefined; readonly form: URLSearchParams }
  /** How often a refresh token has been accepted. */
  readonly refreshed: () => number
  /** From now on no refresh token given so far is accepted. */
  forgetRefreshTokens(): void
  misbehave(mischief: Mischief): void
  /** Logs in whoever the authorization URL is for, at once, and says where the browser comes back to. */
  authorize(authorizationUrl: URL): URL
  [Symbol.asyncDispose](): Promise<void>
}

export const published = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const unpublished = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
export const curved = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** The key as it stands in a key set. */
export function jwkOf(key: KeyObject, members: Json = {}): Json {
  return { ...(key.export({ format: 'jwk' }) as Json), use: 'sig', ...members }
}

/** A JWT with any header over any claims. */
export function jwt(header: Json, claims: Json, signature: (input: Buffer) => Buffer): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${signature(Buffer.from(input)).toString('base64url')}`
}

/** An RS256 token. */
export function rs256(claims: Json, key = published.privateKey, header: Json = { kid: 'rsa' }): string {
  return jwt({ alg: 'RS256', ...header }, claims, (input) => sign('sha256', input, key))
}

/** Starts a scripted provider on 127.0.0.1 that does everything right until told otherwise. */
export async function startHostileProvider(mischief: Mischief = {}): Promise<HostileProvider> {
  let current = mischief
  const codes = new Map<string, { nonce: string; challenge: string; clientId: string }>()
  const calls: Record<Endpoint, number> = { discovery: 0, jwks: 0, token: 0, userinfo: 0 }
  let lastTokenRequest = { authorization: undefined as string | undefined, form: new URLSearchParams() }
  let tokenClaims: Json = {}
  const refreshTokens = new Map<string, string>()
  let refreshed = 0

  const server = createServer((request, response) => {
    const endpoint = ENDPOINTS.get(request.url ?? '')
    if (endpoint === undefined) return void response.writeHead(404).end()
    calls[endpoint] += 1
    answer(endpoint, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`

  const answer = async (endpoint: Endpoint, request: IncomingMessage, response: ServerResponse) => {
    const form = new URLSearchParams(await textOf(request))
    if (endpoint === 'token') lastTokenRequest = { authorization: request.headers.authorization, form }
    const hook = current[endpoint]
    if (typeof hook === 'string') return misanswer(hook, response)
    if (endpoint === 'jwks') {
      const keys = [jwkOf(published.publicKey, { kid: 'rsa', alg: 'RS256' })]
      return send(response, 200, { keys: hook === undefined ? keys : (hook as (keys: Json[]) => Json[])(keys) })
    }
    const body = endpoint === 'token' ? redeem(form) : endpoint === 'userinfo' ? person() : documentOf(issuer)
    await pause(latenessOf(endpoint))
    if ('error' in body) return send(response, 400, body)
    send(response, 200, hook === undefined ? body : (hook as (body: Json) => Json | string)(body))
  }

  const latenessOf = (endpoint: Endpoint) => (endpoint === 'token' ? (current.lateMs ?? 0) : 0)
  const newRefreshToken = (clientId: string): Json => {
    if (current.refreshTokens === undefined) return {}
    const token = `refresh-${randomUUID()}`
    refreshTokens.set(token, clientId)
    return { refresh_token: token, expires_in: 300 }
  }
  const refresh = (token: string): Json => {
    const clientId = refreshTokens.get(token)
    if (clientId === undefined) return { error: 'invalid_grant' }
    refreshed += 1
    if (current.refreshTokens === 'rotated') refreshTokens.delete(token)
    const seconds = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer, aud: clientId, sub: 'ada', iat: seconds, exp: seconds + 300 }
    tokenClaims = current.claims?.(claims) ?? claims
    const idToken = (current.signAgain ?? current.sign ?? rs256)(tokenClaims)
    return {
      access_token: 'access',
      token_type: 'Bearer',
      ...(idToken === undefined ? {} : { id_token: idToken }),
      ...(current.refreshTokens === 'rotated' ? newRefreshToken(clientId) : { expires_in: 300 }),
    }
  }
  const redeem = (form: URLSearchParams): Json => {
    if (form.get('grant_type') === 'refresh_token') return refresh(form.get('refresh_token') ?? '')
    const grant = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (grant === undefined || grant.challenge !== challenge) return { error: 'invalid_grant' }
    const seconds = Math.floor(Date.now() / 1000)
    const claims = {
      iss: issuer,
      aud: grant.clientId,
      sub: 'ada',
      nonce: grant.nonce,
      iat: seconds,
      exp: seconds + 300,
    }
    tokenClaims = current.claims?.(claims) ?? claims
    return {
      access_token: 'access',
      token_type: 'Bearer',
      id_token: (current.sign ?? rs256)(tokenClaims),
      ...newRefreshToken(grant.clientId),
    }
  }
  const person = () => ({ sub: tokenClaims.sub, email: 'ada@example.com', email_verified: true, groups: ['staff'] })

  return {
    issuer,
    calls,
    lastTokenRequest: () => lastTokenRequest,
    refreshed: () => refreshed,
    forgetRefreshTokens: () => refreshTokens.clear(),
    misbehave: (next) => {
      current = next
    },
    authorize(authorizationUrl) {
      const asked = authorizationUrl.searchParams
      const code = randomUUID()
      codes.set(code, {
        nonce: asked.get('nonce') ?? '',
        challenge: asked.get('code_challenge') ?? '',
        clientId: asked.get('client_id') ?? '',
      })
      const back = new URL(asked.get('redirect_uri') ?? '')
      const parameters = new URLSearchParams({ code, state: asked.get('state') ?? '', iss: issuer })
      current.response?.(parameters)
      back.search = parameters.toString()
      return back
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/.well-known/openid-configuration', 'discovery'],
  ['/jwks', 'jwks'],
  ['/token', 'token'],
  ['/userinfo', 'userinfo'],
])

function documentOf(issuer: string): Json {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    authorization_response_iss_parameter_supported: true,
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (typeof body === 'string') return void response.writeHead(status, { 'content-type': 'application/jwt' }).end(body)
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function misanswer(kind: Misanswer, response: ServerResponse): void {
  switch (kind) {
    case 'hangs':
      return
    case 'drips': {
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
      return
    }
    case 'drops the connection':
      response.destroy()
      return
    case 'is huge': {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && response.write('"'.padEnd(65_536, 'x')));
      }
      response.on('drain', more)
      more()
      return
    }
    case 'is HTML':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>')
      return
    case 'redirects':
      response.writeHead(302, { location: 'http://localhost:1/elsewhere' }).end()
      return
    case 'fails':
      response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oops</h1>')
      return
    case 'is not UTF-8':
      response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from('7b2261223a22ff227d', 'hex'))
      return
    case 'is a list':
      send(response, 200, [])
      return
    case 'refuses':
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
