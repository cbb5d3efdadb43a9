import { randomBytes } from 'node:crypto'
import { logInOverHttp } from '../../test/parts/openid-login.ts'
import type { OpenIdProvider } from '../../test/parts/openid-provider.ts'
import { freePort } from '../../test/parts/port.ts'
import type { Machine } from '../machine.ts'
import type { PeerOption } from '../options.ts'
import { checkRequest, type WireRequest } from '../request.ts'
import { PERSON } from './resources.ts'
import { type BenchServer, startPinned } from './start.ts'

/** A peer that runs, and the check that it is asked. */
export interface PeerServer extends BenchServer {
  readonly request: WireRequest
  readonly status: number
}

interface PeerContext {
  readonly machine: Machine
  readonly provider: OpenIdProvider
  /** Undefined: the session is in the cookie. */
  readonly redisUrl: string | undefined
}

/** How to run each peer that is known. */
const peers: Readonly<Record<string, (path: string, context: PeerContext) => Promise<PeerServer>>> = {
  'oauth2-proxy': startOauth2Proxy,
}

/** The peers for which there is a row. */
export const PEER_NAMES: readonly string[] = Object.keys(peers)

/** Starts a peer and signs in to it. Throws if it is none that is known. */
export function startPeer({ name, path }: PeerOption, context: PeerContext): Promise<PeerServer> {
  const start = peers[name]
  if (start === undefined) throw new Error(`--peer ${name}: not known; known are ${PEER_NAMES.join(', ')}`)
  return start(path, context)
}

async function startOauth2Proxy(path: string, { machine, provider, redisUrl }: PeerContext): Promise<PeerServer> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const client = { clientId: 'oauth2-proxy', clientSecret: randomBytes(24).toString('hex') }
  provider.addClient({ ...client, redirectUris: [`${origin}/oauth2/callback`] })
  const session =
    redisUrl === undefined
      ? ['--session-store-type=cookie']
      : ['--session-store-type=redis', `--redis-connection-url=${redisUrl}`]
  const args = [
    `--http-address=127.0.0.1:${port}`,
    '--provider=oidc',
    `--oidc-issuer-url=${provider.issuer}`,
    `--client-id=${client.clientId}`,
    `--client-secret=${client.clientSecret}`,
    `--redirect-url=${origin}/oauth2/callback`,
    `--cookie-secret=${randomBytes(16).toString('hex')}`,
    '--cookie-secure=false',
    '--email-domain=*',
    '--upstream=static://202',
    '--reverse-proxy=true',
    '--set-xauthrequest=true',
    '--skip-provider-button=true',
    '--code-challenge-method=S256',
    '--request-logging=false',
    '--auth-logging=false',
    '--standard-logging=false',
    ...session,
  ]
  const env = { ...process.env, GOMAXPROCS: '1' }
  const running = await startPinned(machine, { command: path, args }, port, env)
  try {
    const credential = await logInToOauth2Proxy(origin)
    return {
      port,
      pid: running.pid,
      request: { ...checkRequest('forward', 'full', credential), target: '/oauth2/auth' },
      status: 202,
      [Symbol.asyncDispose]: running.stop,
    }
  } catch (error) {
    await running.stop()
    throw error
  }
}

/** @returns the session's cookie, name and value */
async function logInToOauth2Proxy(origin: string): Promise<string> {
  const started = await fetch(`${origin}/oauth2/start?rd=%2F`, { redirect: 'manual' })
  const cookie = cookiesOf(started)
  const { url } = await logInOverHttp(new URL(started.headers.get('location') ?? ''), PERSON.sub)
  const back = await fetch(url, { redirect: 'manual', headers: { cookie } })
  const session = cookiesOf(back)
  if (!session.includes('_oauth2_proxy')) throw new Error(`oauth2-proxy answered ${back.status} and set no cookie`)
  return session
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='))
    .join('; ')
}
