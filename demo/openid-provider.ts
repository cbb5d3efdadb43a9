import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Context, interactionPolicy, Provider } from 'oidc-provider'
import { failedPage, loggedOutPage, loginPage, logoutPage } from './openid-pages.ts'

/** A person of the provider. Whoever types `login` (default: `sub`, or the email address) into the form is signed in. */
export interface Account {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly preferred_username?: string
  readonly groups?: readonly string[]
  readonly [claim: string]: unknown
}

/** A relying party. Without a secret it is a public client. */
export interface ClientRegistration {
  readonly clientId: string
  readonly clientSecret?: string
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
  readonly tokenEndpointAuthMethod?: 'client_secret_basic' | 'client_secret_post' | 'none'
  /** Where the provider posts logout tokens, with the `sid` of its session; default: nowhere. */
  readonly backchannelLogoutUri?: string
}

export interface OpenIdProvider {
  /** `http://localhost:<port>`, or `https:` with `tls`. */
  readonly issuer: string
  readonly port: number
  /** Registers a client, or replaces the one of that id; useful once the client's own port is known. */
  addClient(client: ClientRegistration): void
  /** Ends all that a person has been granted: no refresh token of theirs is accepted any more. */
  revokeGrants(sub: string): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface OpenIdProviderOptions {
  readonly accounts: readonly Account[]
  readonly clients?: readonly ClientRegistration[]
  /** Default: any free port. */
  readonly port?: number
  /** Certificate and key in PEM form, to speak https. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** What the login page calls the provider. */
  readonly title?: string
  /** Lists the accounts on the login page as buttons, in place of a field to type a name into; default false. */
  readonly listsAccounts?: boolean
  /** Puts the claims into the ID token as well as into userinfo; default false, as OpenID Connect has it. */
  readonly claimsInIdToken?: boolean
}

/**
 * Starts the certified `oidc-provider` on 127.0.0.1 with a login page of its own: a form whose one field is `login`, and no
 * password; consent is taken for granted. It offers query and form_post, `iss` in its answers, userinfo, end-session,
 * back-channel logout, refresh tokens that rotate (scope `offline_access` with `prompt=consent`), and `prompt=login` and
 * `select_account`. Everything is kept in memory.
 */
export async function startOpenIdProvider(options: OpenIdProviderOptions): Promise<OpenIdProvider> {
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls)
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `${options.tls === undefined ? 'http' : 'https'}://localhost:${port}`
  const clients = new Map<string, ClientRegistration>()
  for (const client of options.clients ?? []) clients.set(client.clientId, client)

  const records: Records = new Map()
  const provider = new Provider(issuer, configurationOf(options, port, { clients, records }))
  const serve = provider.callback()
  const pages = interactionPages(provider, options)
  server.on('request', (request, response) => {
    const isPage = request.url?.startsWith('/interaction/') === true
    const answered = isPage ? pages(request, response) : serve(request, response)
    answered.catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/plain' })
      response.end(error instanceof Error ? error.message : 'failed')
    })
  })

  const close = async () => {
    if (!server.listening) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return {
    issuer,
    port,
    addClient: (client) => void clients.set(client.clientId, client),
    revokeGrants(sub) {
      for (const [key, { accountId }] of records)
        if (accountId === sub && !key.startsWith('Session:')) records.delete(key)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function configurationOf(
  { accounts, claimsInIdToken = false }: OpenIdProviderOptions,
  port: number,
  { clients, records }: { readonly clients: ReadonlyMap<string, ClientRegistration>; readonly records: Records },
): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const policy = interactionPolicy.base()
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0)
  const others = accounts.flatMap((account) => Object.keys(account)).filter((name) => !STANDARD.has(name))
  return {
    adapter: adapterOf(clients, records),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' }] },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'groups', ...new Set(others)],
    },
    conformIdTokenClaims: !claimsInIdToken,
    // Browsers share cookies between the ports of a host, so each provider needs names of its own.
    cookies: {
      keys: [privateKey.export({ format: 'jwk' }).d],
      names: { session: `op${port}`, interaction: `op${port}-interaction`, resume: `op${port}-resume` },
    },
    discovery: { prompt_values_supported: ['none', 'login', 'consent', 'select_account'] },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: Context, form: string) => {
          context.body = logoutPage(form)
        },
        postLogoutSuccessSource: (context: Context) => {
          context.body = loggedOutPage()
        },
      },
    },
    // Logout tokens go to addresses of this machine, which the package's own dispatcher refuses to connect to.
    fetch: (address: string, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown }) =>
      fetch(address, init),
    findAccount: (_context: unknown, id: string) => {
      const account = accounts.find(({ sub }) => sub === id)
      return account && { accountId: account.sub, claims: () => ({ ...account }) }
    },
    interactions: { policy, url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    loadExistingGrant,
    pkce: { required: () => true },
    renderError: (context: Context, out: Record<string, string>) => {
      context.type = 'html'
      context.body = failedPage(out)
    },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
  }
}

const STANDARD: ReadonlySet<string> = new Set([
  'sub',
  'email',
  'email_verified',
  'name',
  'preferred_username',
  'groups',
])

/** Consent, taken for granted. One grant per session: a new one would spoil the codes that other tabs wait for. */
async function loadExistingGrant({ oidc }: Context): Promise<unknown> {
  const id = oidc.session.grantIdFor(oidc.client.clientId)
  const existing = id === undefined ? undefined : await oidc.provider.Grant.find(id)
  if (existing?.accountId === oidc.session.accountId) return existing
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '))
  await grant.save()
  return grant
}

function interactionPages(
  provider: Provider,
  { accounts, title = 'Test provider', listsAccounts = false }: OpenIdProviderOptions,
) {
  const form = (problem?: string) => loginPage({ title, accounts, listsAccounts, problem })
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { params } = await provider.interactionDetails(request, response)
    if (request.method === 'GET') return sendPage(response, 200, form())
    const fields = new URLSearchParams(await textOf(request))
    if (fields.has('cancel')) {
      const refusal = { error: 'access_denied', error_description: 'The person turned back.' }
      return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false })
    }
    const login = fields.get('login')?.trim() ?? ''
    const account = accounts.find((one) => one.login === login || one.sub === login || one.email === login)
    if (account === undefined) return sendPage(response, 422, form('Nobody here has that name.'))
    const prompts = String(params.prompt ?? '').split(' ')
    const granted = ['select_account', 'consent'].filter((name) => prompts.includes(name)).map((name) => [name, {}])
    const result = { login: { accountId: account.sub }, ...Object.fromEntries(granted) }
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
  }
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

type Payload = Record<string, unknown> & {
  grantId?: string
  uid?: string
  userCode?: string
  consumed?: number
  accountId?: string
}
type Records = Map<string, Payload>

/** The storage that `oidc-provider` asks for, in memory; clients come from the registry. */
function adapterOf(clients: ReadonlyMap<string, ClientRegistration>, records: Records) {
  const where = (matches: (payload: Payload) => boolean) => [...records.values()].find(matches)
  return (model: string) => ({
    upsert: async (id: string, payload: Payload) => void records.set(`${model}:${id}`, payload),
    find: async (id: string) => (model === 'Client' ? registrationOf(clients.get(id)) : records.get(`${model}:${id}`)),
    findByUid: async (uid: string) => where((payload) => payload.uid === uid && payload.kind === model),
    findByUserCode: async (code: string) => where((payload) => payload.userCode === code),
    consume: async (id: string) => {
      const payload = records.get(`${model}:${id}`)
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
    },
    destroy: async (id: string) => void records.delete(`${model}:${id}`),
    revokeByGrantId: async (grantId: string) => {
      for (const [key, payload] of records) {
        if (key.startsWith(`${model}:`) && payload.grantId === grantId) records.delete(key)
      }
    },
  })
}

function registrationOf(client: ClientRegistration | undefined): Record<string, unknown> | undefined {
  if (client === undefined) return undefined
  const method = client.clientSecret === undefined ? 'none' : 'client_secret_basic'
  return {
    client_id: client.clientId,
    client_secret: client.clientSecret,
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
    token_endpoint_auth_method: client.tokenEndpointAuthMethod ?? method,
    id_token_signed_response_alg: 'ES256',
    grant_types: ['authorization_code', 'refresh_token'],
    ...(client.backchannelLogoutUri === undefined
      ? {}
      : { backchannel_logout_uri: client.backchannelLogoutUri, backchannel_logout_session_required: true }),
  }
}
