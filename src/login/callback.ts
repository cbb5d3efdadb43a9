import { type Answer, type Header, redirect, withHeaders } from '../pages/answer.ts'
import { errorPage } from '../pages/error-page.ts'
import { providerUnreachablePage } from '../pages/provider-unreachable.ts'
import { type OidcProvider, ProviderError, type SignIn } from '../providers/provider.ts'
import type { ProviderReason } from '../providers/reasons.ts'
import { newSessionId, sidOf } from '../sessions/session-id.ts'
import { seal } from '../tokens/seal.ts'
import { redirectUri } from './begin.ts'
import { setCookie } from './cookie.ts'
import { type LoginPorts, sessionCookieName } from './login-ports.ts'
import { nextRound, openRequest, sealRequest } from './login-request.ts'
import { sessionIdHash } from './signed-in.ts'
import { clearTransaction, openState, readTransaction, type State, type Transaction } from './transaction.ts'
import type { Visit } from './visit.ts'

const MAX_USER_AGENT = 200

/**
 * `/callback/<provider>`: the provider sends the visitor back. Everything is verified before anything is stored; then a new
 * session begins, whatever the browser had before ends, and the login goes on at `/login`, where the session has to come
 * back as a cookie. A transaction that is not this browser's is never completed: it goes on if a session lives and starts
 * anew if none does.
 */
export async function callback(ports: LoginPorts, visit: Visit, providerName: string): Promise<Answer> {
  const sealedState = (visit.form === undefined ? visit.query : new URLSearchParams(visit.form)).get('state')
  const state = sealedState === null ? undefined : await openState(ports, sealedState)
  if (sealedState === null || state === undefined || state.provider !== providerName) return invalidStatePage()

  const transaction = await readTransaction(ports, visit, sealedState, state)
  if (transaction === undefined) return onwards(ports, state, [])
  const provider = ports.providers.get(providerName)
  if (provider === undefined || provider.revision !== transaction.revision) return changedProviderPage()

  try {
    const signIn = await provider.complete(
      {
        state: sealedState,
        nonce: transaction.nonce,
        verifier: transaction.verifier,
        redirectUri: redirectUri(ports, providerName),
        switchAccount: transaction.switchAccount,
      },
      { url: new URL(visit.target, ports.urls.issuer), body: visit.form },
    )
    return await beginSession(ports, visit, state, signIn)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return failed(ports, visit, state, transaction, provider, error)
  }
}

async function beginSession(
  ports: LoginPorts,
  visit: Visit,
  state: State,
  { identity, idToken }: SignIn,
): Promise<Answer> {
  const id = newSessionId(ports.randomBytes)
  const sid = sidOf(id)
  if (sid === undefined) throw new TypeError('a new session id has the shape of one')
  const now = ports.now()
  const expiresAtMs = now + ports.sessionSeconds * 1000
  const before = sessionIdHash(ports, visit)
  await ports.sessions.save({
    sid,
    identity,
    createdAtMs: now,
    expiresAtMs,
    userAgent: visit.userAgent.slice(0, MAX_USER_AGENT),
    clientAddress: visit.clientAddress,
    sealedIdToken: idToken === undefined ? undefined : await seal(ports.keyRing(), 'id-token', idToken, expiresAtMs),
  })
  if (before !== undefined) {
    await ports.sessions.remove(before)
    ports.sessionCache.drop(before)
  }
  ports.events.loginFinished({
    application: (await requestOf(ports, state))?.application,
    provider: state.provider,
    outcome: 'signed-in',
    reason: 'signed-in',
    subject: identity.subject,
    sid,
    clientAddress: visit.clientAddress,
  })
  const cookie = setCookie(ports.cookieStyle, sessionCookieName(ports.cookieStyle), id, {
    maxAgeSeconds: ports.sessionSeconds,
    sameSite: 'Lax',
  })
  return onwards(ports, state, [cookie, clearTransaction(ports, state)])
}

/** On to `/login`, which finds the session there or begins again. */
async function onwards(ports: LoginPorts, state: State, cookies: readonly Header[]): Promise<Answer> {
  const request = await requestOf(ports, state)
  if (state.request !== undefined && request === undefined) return invalidStatePage()
  const query = request === undefined ? '' : `?request=${await sealRequest(ports, nextRound(request))}`
  return withHeaders(redirect(303, `${ports.urls.issuer}/login${query}`), cookies)
}

async function requestOf(ports: LoginPorts, state: State) {
  return state.request === undefined ? undefined : openRequest(ports, state.request)
}

async function failed(
  ports: LoginPorts,
  visit: Visit,
  state: State,
  { provider, switchAccount }: Transaction,
  { displayName }: OidcProvider,
  { reason, message }: ProviderError,
): Promise<Answer> {
  ports.events.loginFinished({
    application: (await requestOf(ports, state))?.application,
    provider,
    outcome: reason === 'provider-access-denied' ? 'refused' : 'failed',
    reason,
    subject: undefined,
    sid: undefined,
    clientAddress: visit.clientAddress,
    detail: message,
  })
  const query = new URLSearchParams({ ...(state.request === undefined ? {} : { request: state.request }) })
  if (switchAccount) query.set('switch', '1')
  const chooser = `/login?${query}`
  return withHeaders(failurePage(displayName, reason, chooser), [clearTransaction(ports, state)])
}

function failurePage(provider: string, reason: ProviderReason, tryAgainHref: string): Answer {
  if (reason === 'provider-unreachable' || reason === 'provider-failed') {
    return providerUnreachablePage({ provider, reason, tryAgainHref, otherProviders: [], retryAfterSeconds: 5 })
  }
  const isRefusal = reason === 'provider-access-denied'
  return errorPage({
    status: isRefusal ? 403 : 502,
    title: isRefusal ? `${provider} did not sign you in` : 'The sign-in did not work',
    what: isRefusal
      ? 'The sign-in was cancelled or refused there. Nothing has been changed.'
      : `What ${provider} answered cannot be relied on, so you have not been signed in.`,
    next: 'You can try again. If it keeps happening, tell whoever runs this service.',
    link: { href: tryAgainHref, label: 'Try again' },
    reason,
  })
}

function invalidStatePage(): Answer {
  return errorPage({
    status: 400,
    title: 'This sign-in cannot be continued',
    what: 'The answer of the identity provider does not belong to a sign-in that was begun here, or came too late.',
    next: 'Open the app again, and sign in from there.',
    reason: 'login-state-invalid',
  })
}

function changedProviderPage(): Answer {
  return errorPage({
    status: 400,
    title: 'This sign-in cannot be continued',
    what: 'The identity provider was removed or changed while you were signing in.',
    next: 'Open the app again, and sign in from there.',
    reason: 'provider-gone',
  })
}
