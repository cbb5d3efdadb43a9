import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { jwkOf, published, rs256 } from '../test/parts/hostile-provider.ts'
import type { RefreshEntry } from './history.ts'
import { CLIENT } from './places.ts'

/** What the provider saw of one refresh. */
export type Renewal = Omit<RefreshEntry, 'kind' | 'client' | 'replica'>

/**
 * A provider whose refresh tokens count once each, that takes its time now and then, says other groups than before, ends
 * sessions, and posts nothing by itself. Of every refresh it says what it made of it.
 */
export interface RotatingProvider extends AsyncDisposable {
  readonly issuer: string
  /** Called after each refresh. Default: nobody looks. */
  watch(onRenewal: (renewal: Renewal) => void, now: () => number): void
  /** Signs somebody in at once, and says where the browser comes back to, and what the provider calls the session. */
  authorize(authorizationUrl: URL, login: string): { readonly url: URL; readonly providerSid: string }
  /** From now on the provider says so of a session: it has another group, named after the version. @returns the version */
  regroup(providerSid: string): number
  /** From now on no refresh token of the session is accepted. */
  end(providerSid: string): void
  /** A logout token of the session, which nobody has seen yet, and its `jti`. */
  logoutToken(providerSid: string): { readonly token: string; readonly jti: string }
}

interface Grant {
  readonly login: string
  readonly providerSid: string
  /** Which refresh token counts now, by its number. */
  number: number
  version: number
  isEnded: boolean
}

const LATE_SHARE = 0.2
const MOST_LATE_MS = 1_500
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

type Json = Record<string, unknown>

/** @param random from 0 up to but not including 1 */
export async function startRotatingProvider(random: () => number): Promise<RotatingProvider> {
  const grants = new Map<string, Grant>()
  const codes = new Map<string, { readonly grant: Grant; readonly nonce: string }>()
  let watcher: { onRenewal: (renewal: Renewal) => void; now: () => number } | undefined

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/.well-known/openid-configuration') return send(response, 200, documentOf(issuer))
    if (request.url === '/jwks') {
      return send(response, 200, { keys: [jwkOf(published.publicKey, { kid: 'rsa', alg: 'RS256' })] })
    }
    if (request.url !== '/token') return void response.writeHead(404).end()
    const form = new URLSearchParams(await textOf(request))
    const isRefresh = form.get('grant_type') === 'refresh_token'
    const body = isRefresh ? await refresh(form.get('refresh_token') ?? '') : redeem(form.get('code') ?? '')
    send(response, 'error' in body ? 400 : 200, body)
  }

  function redeem(code: string): Json {
    const found = codes.get(code)
    codes.delete(code)
    return found === undefined ? { error: 'invalid_grant' } : tokensOf(found.grant, found.nonce)
  }

  async function refresh(token: string): Promise<Json> {
    const invokedAtMs = watcher?.now() ?? 0
    // Whatever it does, it does in one step at the end.
    if (random() < LATE_SHARE) await pause(random() * MOST_LATE_MS)
    const [providerSid = ''] = token.split('#')
    const grant = grants.get(providerSid)
    const isGood = grant !== undefined && !grant.isEnded && token === tokenOf(grant)
    const result = isGood ? 'renewed' : grant?.isEnded === true ? 'refused' : 'used-up'
    if (isGood) grant.number += 1
    const version = grant?.version ?? 0
    watcher?.onRenewal({ invokedAtMs, answeredAtMs: watcher.now(), providerSid, token, answer: result, version })
    return isGood ? tokensOf(grant, undefined) : { error: 'invalid_grant' }
  }

  function tokensOf(grant: Grant, nonce: string | undefined): Json {
    const { login, providerSid, version } = grant
    const seconds = Math.floor(Date.now() / 1000)
    const email = `${login}@example.com`
    const claims = {
      ...{ iss: issuer, aud: CLIENT.clientId, sub: login, sid: providerSid, iat: seconds, exp: seconds + 300 },
      ...{ email, email_verified: true, groups: [groupOf(version)], ...(nonce === undefined ? {} : { nonce }) },
    }
    const tokens = { access_token: randomUUID(), token_type: 'Bearer', expires_in: 60 }
    return { ...tokens, id_token: rs256(claims), refresh_token: tokenOf(grant) }
  }

  return {
    issuer,
    watch(onRenewal, now) {
      watcher = { onRenewal, now }
    },
    authorize({ searchParams }, login) {
      const providerSid = randomUUID()
      const grant: Grant = { login, providerSid, number: 0, version: 0, isEnded: false }
      grants.set(providerSid, grant)
      const code = randomUUID()
      codes.set(code, { grant, nonce: searchParams.get('nonce') ?? '' })
      const url = new URL(searchParams.get('redirect_uri') ?? '')
      url.search = new URLSearchParams({ code, state: searchParams.get('state') ?? '', iss: issuer }).toString()
      return { url, providerSid }
    },
    regroup(providerSid) {
      const grant = grants.get(providerSid)
      if (grant === undefined) throw new RangeError(`there is no session ${providerSid}`)
      grant.version += 1
      return grant.version
    },
    end(providerSid) {
      const grant = grants.get(providerSid)
      if (grant !== undefined) grant.isEnded = true
    },
    logoutToken(providerSid) {
      const jti = randomUUID()
      const seconds = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: CLIENT.clientId, sid: providerSid, jti, iat: seconds, exp: seconds + 120 }
      const header = { kid: 'rsa', typ: 'logout+jwt' }
      return { jti, token: rs256({ ...claims, events: { [EVENT]: {} } }, published.privateKey, header) }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The group that says which version of an identity this is. */
function groupOf(version: number): string {
  return `version-${version}`
}

/** The version of the identity that an app was told of; undefined: it was told of none. */
export function versionIn(groups: string | undefined): number | undefined {
  const [, digits] = /^version-(\d+)$/.exec(groups ?? '') ?? []
  return digits === undefined ? undefined : Number(digits)
}

function tokenOf({ providerSid, number }: Grant): string {
  return `${providerSid}#${number}`
}

function documentOf(issuer: string): Json {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    authorization_response_iss_parameter_supported: true,
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

function send(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
