import { type Answer, type Header, redirect, withHeaders } from '../pages/answer.ts'
import { errorPage } from '../pages/error-page.ts'
import { GatehouseError } from '../policy/errors.ts'
import { type OidcProvider, ProviderError } from '../providers/provider.ts'
import { open, seal } from '../tokens/seal.ts'
import { sessionFor } from './begin-session.ts'
import { redirectUri } from './choose.ts'
import type { LoginPorts } from './login-ports.ts'
import { openRequest } from './login-request.ts'
import { providerFailurePage } from './provider-failure.ts'
import { refused } from './refusal.ts'
import { findSession } from './signed-in.ts'
import { clearTransaction, openState, readTransaction, type State, type Transaction } from './transaction.ts'
import type { Visit } from './visit.ts'

/**
 * `/callback/<provider>`: the provider sends the visitor back. Everything is verified before anything is stored; then a new
 * session begins, whatever session the browser had ends, and the login goes on at `/login`, where the session has to come
 * back as a cookie. A transaction that is not this browser's is never completed: it goes on if a session lives and starts
 * anew if none does.
 */
export async function callback(ports: LoginPorts, visit: Visit, providerName: string): Promise<Answer> {
  const form = visit.form ?? (await unpackedForm(ports, visit))
  const sealedState = (form === undefined ? visit.query : new URLSearchParams(form)).get('state')
  const state = sealedState === null ? undefined : await openState(ports, sealedState)
  if (sealedState === null || state === undefined || state.provider !== providerName) {
    return refused(ports, visit, 'login-state-invalid', invalidStatePage())
  }
  if (visit.form !== undefined) return toOwnAddress(ports, visit, visit.form)
  const transaction = await readTransaction(ports, visit, state)
  if (transaction === undefined) return onwards(ports, state, [])
  const provider = ports.providers.get(providerName)
  if (provider === undefined || provider.revision !== transaction.revision) {
    await reportFailure(ports, visit, state, 'provider-gone')
    return withHeaders(changedProviderPage(), [clearTransaction(ports, state)])
  }

  try {
    const issuedAtMs = ports.issueTime()
    const signIn = await provider.complete(
      {
        state: sealedState,
        nonce: transaction.nonce,
        verifier: transaction.verifier,
        redirectUri: redirectUri(ports, providerName),
        switchAccount: transaction.switchAccount,
      },
      { url: new URL(form === undefined ? visit.target : visit.path, ports.urls.issuer), body: form },
    )
    const { sid, cookies } = await sessionFor(ports, visit, transaction, signIn, issuedAtMs)
    ports.events.loginFinished({
      application: await applicationOf(ports, state),
      provider: providerName,
      outcome: 'signed-in',
      reason: 'signed-in',
      subject: signIn.identity.subject,
      sid,
      email: signIn.identity.email,
      clientAddress: visit.clientAddress,
    })
    return onwards(ports, state, [...cookies, clearTransaction(ports, state)])
  } catch (error) {
    if (error instanceof ProviderError) return failed(ports, visit, state, transaction, provider, error)
    await reportFailure(ports, visit, state, error instanceof GatehouseError ? error.reason : 'internal-error')
    throw error
  }
}

const FORM_SECONDS = 60
/** Longest posted form that fits into an address once it is sealed. */
const LONGEST_FORM = 5000

/**
 * A form posted by the provider's page comes without our session's cookie, which browsers keep out of what other sites post.
 * So it is sealed and brought back by a redirect, with which the cookie comes: a login must see which session it replaces,
 * and one that another tab has begun meanwhile.
 */
async function toOwnAddress(ports: LoginPorts, visit: Visit, form: string): Promise<Answer> {
  if (form.length > LONGEST_FORM) return refused(ports, visit, 'form-invalid', invalidStatePage())
  const sealed = await seal(ports.keyRing(), 'posted-form', form, ports.now() + FORM_SECONDS * 1000)
  return redirect(303, `${ports.urls.issuer}${visit.path}?form=${sealed}`)
}

async function unpackedForm(ports: LoginPorts, visit: Visit): Promise<string | undefined> {
  const sealed = visit.query.get('form')
  const form = sealed === null ? undefined : await open(ports.keyRing(), 'posted-form', sealed, ports.now())
  return typeof form === 'string' ? form : undefined
}

/** On to `/login`, which finds the session there or begins again. */
function onwards(ports: LoginPorts, { request, round }: State, cookies: readonly Header[]): Answer {
  const query = new URLSearchParams({ ...(request === undefined ? {} : { request }), round: String(round + 1) })
  return withHeaders(redirect(303, `${ports.urls.issuer}/login?${query}`), cookies)
}

/** The application that somebody signs in for; undefined: none, or it took them too long. */
async function applicationOf(ports: LoginPorts, { request }: State): Promise<string | undefined> {
  return request === undefined ? undefined : (await openRequest(ports, request))?.application
}

async function failed(
  ports: LoginPorts,
  visit: Visit,
  state: State,
  { switchAccount }: Transaction,
  { displayName }: OidcProvider,
  { reason, message }: ProviderError,
): Promise<Answer> {
  await reportFailure(ports, visit, state, reason, message)
  // Another tab may have been quicker with the provider, and then there is nothing left to do here.
  if (reason === 'provider-code-refused' && !switchAccount && (await findSession(ports, visit)) !== undefined) {
    return onwards(ports, state, [clearTransaction(ports, state)])
  }
  const query = new URLSearchParams({ ...(state.request === undefined ? {} : { request: state.request }) })
  if (switchAccount) query.set('switch', '1')
  const chooser = `/login?${query}`
  return withHeaders(
    providerFailurePage({ provider: displayName, reason, tryAgainHref: chooser, otherProviders: [] }),
    [clearTransaction(ports, state)],
  )
}

async function reportFailure(
  ports: LoginPorts,
  visit: Visit,
  state: State,
  reason: string,
  detail?: string,
): Promise<void> {
  ports.events.loginFinished({
    application: await applicationOf(ports, state),
    provider: state.provider,
    outcome: reason === 'provider-access-denied' ? 'refused' : 'failed',
    reason,
    subject: undefined,
    sid: undefined,
    clientAddress: visit.clientAddress,
    detail,
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
