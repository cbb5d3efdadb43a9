import { type Answer, redirect, withHeaders } from '../pages/answer.ts'
import type { AppLabel } from '../pages/app-label.ts'
import { chooserPage } from '../pages/chooser.ts'
import { cookiesBlockedPage } from '../pages/cookies-blocked.ts'
import { errorPage } from '../pages/error-page.ts'
import { personOf } from '../pages/person.ts'
import { providerUnreachablePage } from '../pages/provider-unreachable.ts'
import type { Application } from '../policy/application.ts'
import type { OidcProvider } from '../providers/provider.ts'
import { ProviderError } from '../providers/provider.ts'
import { admit } from './admit.ts'
import type { LoginPorts } from './login-ports.ts'
import { type LoginRequest, MAX_ROUNDS, openRequest } from './login-request.ts'
import { findSession } from './signed-in.ts'
import { beginTransaction } from './transaction.ts'
import type { Visit } from './visit.ts'

/**
 * `/login` on the auth host. With a live session straight on to the app; otherwise the providers that the application
 * admits, as a page of links, or straight to the only one. Without a request the visitor came for the launcher.
 */
export async function login(ports: LoginPorts, visit: Visit): Promise<Answer> {
  const sealed = visit.query.get('request') ?? undefined
  const request = sealed === undefined ? undefined : await openRequest(ports, sealed)
  if (sealed !== undefined && request === undefined) return expiredPage()
  const application = request && ports.policySet()?.applications.get(request.application)
  if (request !== undefined && application === undefined) return expiredPage()

  const switchAccount = visit.query.has('switch')
  if (!switchAccount) {
    const session = await findSession(ports, visit)
    if (session !== undefined) {
      return request === undefined
        ? redirect(302, `${ports.urls.issuer}/`)
        : admit(ports, visit, request, sealed ?? '', session)
    }
  }
  if (request !== undefined && request.round >= MAX_ROUNDS) {
    return cookiesBlockedPage({
      host: ports.urls.authHost,
      tryAgainHref: `${ports.urls.origin(request.host)}/`,
      reason: 'cookies-blocked',
    })
  }
  return choose(ports, visit, { sealed, request, application, switchAccount })
}

interface Choice {
  readonly sealed: string | undefined
  readonly request: LoginRequest | undefined
  readonly application: Application | undefined
  readonly switchAccount: boolean
}

async function choose(ports: LoginPorts, visit: Visit, choice: Choice): Promise<Answer> {
  const offered = offeredProviders(ports, choice.application)
  const chosen = visit.query.get('provider')
  const provider = chosen === null ? only(offered) : offered.find(({ name }) => name === chosen)
  if (provider !== undefined) return sendToProvider(ports, visit, choice, provider, offered)
  if (offered.length === 0) return noProviderPage()
  return chooserPage({
    application: labelOf(choice),
    providers: offered.map(({ name, displayName }) => ({ name: displayName, href: providerHref(choice, name) })),
    switching: choice.switchAccount ? await switching(ports, visit, choice) : undefined,
  })
}

async function sendToProvider(
  ports: LoginPorts,
  visit: Visit,
  choice: Choice,
  provider: OidcProvider,
  offered: readonly OidcProvider[],
): Promise<Answer> {
  const { state, transaction, cookies } = await beginTransaction(ports, visit, {
    provider: provider.name,
    revision: provider.revision,
    request: choice.sealed,
    switchAccount: choice.switchAccount,
  })
  try {
    const url = await provider.authorizationUrl({
      state,
      nonce: transaction.nonce,
      verifier: transaction.verifier,
      redirectUri: redirectUri(ports, provider.name),
      switchAccount: choice.switchAccount,
    })
    ports.events.loginStarted({
      application: choice.application?.key ?? '',
      provider: provider.name,
      host: choice.request?.host ?? ports.urls.authHost,
      clientAddress: visit.clientAddress,
    })
    return withHeaders(redirect(302, url.href), cookies)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    ports.events.loginFinished({
      application: choice.application?.key,
      provider: provider.name,
      outcome: 'failed',
      reason: error.reason,
      subject: undefined,
      sid: undefined,
      clientAddress: visit.clientAddress,
      detail: error.message,
    })
    return providerUnreachablePage({
      provider: provider.displayName,
      reason: error.reason,
      tryAgainHref: providerHref(choice, provider.name),
      otherProviders: offered
        .filter((other) => other !== provider)
        .map(({ name, displayName }) => ({ name: displayName, href: providerHref(choice, name) })),
      retryAfterSeconds: 5,
    })
  }
}

function labelOf({ application, request }: Choice): AppLabel | undefined {
  if (application === undefined || request === undefined) return undefined
  return { title: application.tile?.title ?? application.name, host: request.host }
}

/** Who is signed in while they look for another account. */
async function switching(ports: LoginPorts, visit: Visit, { request }: Choice) {
  const session = await findSession(ports, visit)
  if (session === undefined) return undefined
  const { identity } = session
  return {
    person: personOf(identity, ports.providers.get(identity.provider)?.displayName),
    backHref: request === undefined ? '/' : `${ports.urls.origin(request.host)}/`,
  }
}

/** The callback of one provider; each has its own, so that an answer of one cannot be passed off as another's. */
export function redirectUri(ports: LoginPorts, provider: string): string {
  return `${ports.urls.issuer}/callback/${provider}`
}

function offeredProviders(ports: LoginPorts, application: Application | undefined): readonly OidcProvider[] {
  if (application?.identityProviders === undefined) return ports.providers.list()
  return application.identityProviders.map((name) => ports.providers.get(name)).filter((found) => found !== undefined)
}

function only(providers: readonly OidcProvider[]): OidcProvider | undefined {
  return providers.length === 1 ? providers[0] : undefined
}

function providerHref({ sealed, switchAccount }: Choice, provider: string): string {
  const query = new URLSearchParams({ ...(sealed === undefined ? {} : { request: sealed }), provider })
  if (switchAccount) query.set('switch', '1')
  return `/login?${query}`
}

function expiredPage(): Answer {
  return errorPage({
    status: 400,
    title: 'This sign-in has expired',
    what: 'The link that brought you here is too old, or was not made by this service.',
    next: 'Open the app again, and sign in from there.',
    reason: 'login-request-invalid',
  })
}

function noProviderPage(): Answer {
  return errorPage({
    status: 503,
    title: 'Nobody can sign in here yet',
    what: 'No identity provider is available for this app.',
    next: 'Ask whoever runs this service to look at its identity providers.',
    reason: 'no-identity-provider',
  })
}
