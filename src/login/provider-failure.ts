import type { Answer } from '../pages/answer.ts'
import type { Choice } from '../pages/choices.ts'
import { errorPage } from '../pages/error-page.ts'
import { providerUnreachablePage } from '../pages/provider-unreachable.ts'
import type { ProviderReason } from '../providers/reasons.ts'

const RETRY_AFTER_SECONDS = 5

/** The page of somebody whom a provider did not sign in: what happened, and what to do next. */
export function providerFailurePage(failure: {
  /** Display name. */
  readonly provider: string
  readonly reason: ProviderReason
  readonly tryAgainHref: string
  /** The other ways to sign in; may be none. */
  readonly otherProviders: readonly Choice[]
}): Answer {
  const { provider, reason, tryAgainHref } = failure
  if (reason === 'provider-unreachable' || reason === 'provider-failed') {
    return providerUnreachablePage({ ...failure, retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
  const [title, what] = words(provider, reason)
  return errorPage({
    status: reason === 'provider-access-denied' ? 403 : 502,
    title,
    what,
    next: 'You can try again. If it keeps happening, tell whoever runs this service.',
    link: { href: tryAgainHref, label: 'Try again' },
    reason,
  })
}

function words(provider: string, reason: ProviderReason): [title: string, what: string] {
  if (reason === 'provider-access-denied') {
    return [`${provider} did not sign you in`, 'The sign-in was cancelled or refused there. Nothing has been changed.']
  }
  if (reason === 'provider-client-refused') {
    return ['The sign-in did not work', `${provider} does not accept this service. Only whoever runs it can mend that.`]
  }
  return ['The sign-in did not work', `What ${provider} answered cannot be relied on, so you have not been signed in.`]
}
