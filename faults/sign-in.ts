import { sidOf } from '../src/sessions/session-id.ts'
import { type CookieJar, logInOverHttp } from '../test/parts/openid-login.ts'
import type { Browser } from './browser.ts'
import { hostOf, keyOf, PROVIDER, ROTATING_PROVIDER } from './places.ts'
import type { Replica } from './replica.ts'
import { LIFETIME_SECONDS } from './scene.ts'
import type { Token, Trial, Visitor } from './trial.ts'

const SESSION_COOKIE = 'gatehouse-session'
const TOKEN_COOKIE = /^gatehouse-[0-9a-f]{16}$/
const MOST_STEPS = 12

/** Who signs in where, and which replica serves each request. */
export interface SignIn {
  readonly client: string
  readonly application: Token['application']
  /** Name of the person at the provider. */
  readonly login: string
  readonly pick: () => Replica
  /** Who is signed in on the auth host already, as far as the history knows. */
  readonly visitor?: Visitor | undefined
  /** The browser's cookies at the provider; default: none yet. */
  readonly providerJar?: CookieJar | undefined
}

export interface SignedIn {
  readonly visitor: Visitor
  readonly token: Token
  /** Whether the person had to go to the provider. */
  readonly wentToProvider: boolean
}

/** What happened on the way. */
interface Way {
  readonly began: Span | undefined
  readonly minted: Span | undefined
  readonly wentToProvider: boolean
  readonly providerSid: string | undefined
}

interface Span {
  readonly invokedAtMs: number
  readonly answeredAtMs: number
}

/**
 * Goes from an app's host over the auth host, and the provider if need be, back to the app, and records the session, the
 * token, and a login that was forced.
 *
 * @returns undefined if it came to nothing
 */
export async function signIn(trial: Trial, browser: Browser, wanted: SignIn): Promise<SignedIn | undefined> {
  const stopped = (where: string) => {
    trial.interruptions.set(where, (trial.interruptions.get(where) ?? 0) + 1)
    return undefined
  }
  try {
    return (await walk(trial, browser, wanted)) ?? stopped('an answer without a way on')
  } catch (error) {
    return stopped(error instanceof Error ? error.message.slice(0, 60) : 'an error')
  }
}

async function walk(trial: Trial, browser: Browser, wanted: SignIn): Promise<SignedIn | undefined> {
  const { scene, recorder } = trial
  const host = hostOf(wanted.application)
  let url = new URL(`http://${host}:${scene.authUrl.port}/.gatehouse/login?rd=%2F`)
  let began: Span | undefined
  let minted: Span | undefined
  let wentToProvider = false
  let providerSid: string | undefined
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const hadSession = browser.cookie(scene.authUrl.hostname, SESSION_COOKIE) !== undefined
    const replica = wanted.pick()
    const invokedAtMs = recorder.now()
    const { location, setCookies } = await browser.visit(url, replica)
    const span = { invokedAtMs, answeredAtMs: recorder.now() }
    if (location === undefined) return undefined
    const next = new URL(location, url)
    const isAtProvider = next.port !== scene.authUrl.port
    const isCleared = setCookies.some((line) => line.startsWith(`${SESSION_COOKIE}=;`))
    if (wanted.visitor !== undefined && hadSession && !wentToProvider && (isAtProvider || isCleared)) {
      const { client, visitor } = wanted
      recorder.record({ kind: 'forced-login', client, ...span, replica: replica.name, sid: visitor.sid })
    }
    if (url.pathname.startsWith('/callback/')) began = span
    if (url.pathname === '/.gatehouse/authorized') minted = span
    if (next.hostname === host && !next.pathname.startsWith('/.gatehouse/')) {
      return arrived(trial, browser, wanted, { began, minted, wentToProvider, providerSid })
    }
    url = next
    if (isAtProvider) {
      wentToProvider = true
      if (wanted.application === 'rotating') {
        const authorized = scene.rotating.authorize(next, wanted.login)
        url = authorized.url
        providerSid = authorized.providerSid
      } else url = (await logInOverHttp(next, wanted.login, wanted.providerJar)).url
    }
  }
  throw new Error('goes round in circles')
}

function arrived(
  { recorder, tokens }: Trial,
  browser: Browser,
  { client, application, login, visitor }: SignIn,
  { began, minted, wentToProvider, providerSid }: Way,
): SignedIn | undefined {
  const host = hostOf(application)
  const cookie = browser.cookie(host, TOKEN_COOKIE)
  const sessionCookie = browser.cookie('auth.localhost', SESSION_COOKIE)
  if (cookie === undefined || sessionCookie === undefined || minted === undefined) return undefined
  const claims = claimsOf(cookie)
  const sid = sidOf(sessionCookie.slice(SESSION_COOKIE.length + 1)) ?? ''
  if (claims.sid !== sid) throw new Error('the token is of another session')
  const lifetimeMs = LIFETIME_SECONDS * 1000
  const email = `${login}@example.com`
  const signedIn = visitor !== undefined && !wentToProvider ? visitor : { sid, subject: claims.sub, email, providerSid }
  if (signedIn !== visitor) {
    if (began === undefined) return undefined
    const provider = application === 'rotating' ? ROTATING_PROVIDER : PROVIDER
    const expiresAtMs = began.answeredAtMs + lifetimeMs
    recorder.record({ kind: 'session', client, ...began, ...signedIn, provider, expiresAtMs })
  }
  const token = { name: `token-${tokens.length + 1}`, cookie, application, sid }
  tokens.push(token)
  const expiresAtMs = minted.answeredAtMs + lifetimeMs
  recorder.record({
    kind: 'token',
    client,
    ...minted,
    token: token.name,
    sid,
    application: keyOf(application),
    expiresAtMs,
  })
  return { visitor: signedIn, token, wentToProvider }
}

function claimsOf(cookie: string): { readonly sid: string; readonly sub: string } {
  const payload = cookie.slice(cookie.indexOf('=') + 1).split('.')[1] ?? ''
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}
