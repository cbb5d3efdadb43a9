import { type Answer, redirect, withHeaders } from '../pages/answer.ts'
import { chooserPage } from '../pages/chooser.ts'
import { errorPage } from '../pages/error-page.ts'
import { personOf } from '../pages/person.ts'
import type { Application } from '../policy/application.ts'
import { type OidcProvider, ProviderError } from '../providers/provider.ts'
import { type Entry, entranceUrl } from './admit.ts'
import type { LoginPorts } from './login-ports.ts'
import { providerFailurePage } from './provider-failure.ts'
import { refused } from './refusal.ts'
import { findSession } from './signed-in.ts'
import { beginTransaction } from './transaction.ts'
import type { Visit } from './visit.ts'

/** Somebody who is to sign in. */
export interface Choice {
  /** The application they came for; undefined: the launcher. */
  readonly entry: Entry | undefined
  /** How often the auth host has sent this visitor already. */
  readonly round: number
  /** They are signed in and want to be somebody else. */
  readonly switchAccount: boolean
}

/** Offers the providers that the application admits as a page of links, or goes straight to the one chosen or only one. */
export async function choose(ports: LoginPorts, visit: Visit, choice: Choice): Promise<Answer> {
  const offered = offeredProviders(ports, choice.entry?.application)
  const chosen = visit.query.get('provider')
  const provider = chosen === null ? only(offered) : offered.find(({ name }) => name === chosen)
  if (provider !== undefined) return sendToProvider(ports, visit, choice, provider, offered)
  if (offered.length === 0) return refused(ports, visit, 'no-identity-provider', noProviderPage())
  return chooserPage({
    application: choice.entry && labelOf(choice.entry),
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
  const { entry, round, switchAccount } = choice
  const { state, transaction, cookies } = await beginTransaction(ports, visit, {
    provider: provider.name,
    revision: provider.revision,
    request: entry?.sealed,
    round,
    switchAccount,
  })
  try {
    const url = await provider.authorizationUrl({
      state,
      nonce: transaction.nonce,
      verifier: transaction.verifier,
      redirectUri: redirectUri(ports, provider.name),
      switchAccount,
    })
    ports.events.loginStarted({
      application: entry?.application.key ?? '',
      provider: provider.name,
      host: entry?.request.host ?? ports.urls.authHost,
      clientAddress: visit.clientAddress,
    })
    return withHeaders(redirect(302, url.href), cookies)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    ports.events.loginFinished({
      application: entry?.application.key,
      provider: provider.name,
      outcome: 'failed',
      reason: error.reason,
      subject: undefined,
      sid: undefined,
      clientAddress: visit.clientAddress,
      detail: error.message,
    })
    return providerFailurePage({
      provider: provider.displayName,
      reason: error.reason,
      tryAgainHref: providerHref(choice, provider.name),
      otherProviders: offered
        .filter((other) => other !== provider)
        .map(({ name, displayName }) => ({ name: displayName, href: providerHref(choice, name) })),
    })
  }
}

/** The callback of one provider; each has its own, so that an answer of one cannot be passed off as another's. */
export function redirectUri(ports: LoginPorts, provider: string): string {
  return `${ports.urls.issuer}/callback/${provider}`
}

function labelOf({ application, request }: Entry) {
  return { title: application.tile?.title ?? application.name, host: request.host }
}

/** Who is signed in while they look for another account. */
async function switching(ports: LoginPorts, visit: Visit, { entry }: Choice) {
  const session = await findSession(ports, visit)
  if (session === undefined) return undefined
  const { identity } = session
  return {
    person: personOf(identity, ports.providers.get(identity.provider)?.displayName),
    backHref: entry === undefined ? '/' : entranceUrl(ports, entry),
  }
}

function offeredProviders(ports: LoginPorts, application: Application | undefined): readonly OidcProvider[] {
  if (application?.identityProviders === undefined) return ports.providers.list()
  return application.identityProviders.map((name) => ports.providers.get(name)).filter((found) => found !== undefined)
}

function only(providers: readonly OidcProvider[]): OidcProvider | undefined {
  return providers.length === 1 ? providers[0] : undefined
}

function providerHref({ entry, round, switchAccount }: Choice, provider: string): string {
  const query = new URLSearchParams({ ...(entry === undefined ? {} : { request: entry.sealed }), provider })
  if (round > 0) query.set('round', String(round))
  if (switchAccount) query.set('switch', '1')
  return `/login?${query}`
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
