/**
 * Why a login with a provider came to nothing, with what it tells an operator. Like the reasons of the policy room they
 * stand in the log, in the metric and on the page, are part of the public interface and never change their meaning.
 */
export const providerReasons = {
  'provider-unreachable': 'The provider gave no answer in time, refused the connection, or answered 429 or 5xx.',
  'provider-address-refused':
    'An address of the provider is neither https nor (in the development mode) http on localhost, or is one that no provider may have.',
  'provider-answer-invalid':
    'An endpoint of the provider answered something that is not OpenID Connect: HTML, a redirect, broken JSON, more than 1 MiB.',
  'provider-metadata-invalid':
    'The discovery document is not one, lacks an endpoint, or names another issuer than the one configured.',
  'provider-keys-invalid': 'The provider publishes no key that an ID token may be verified with.',
  'provider-response-invalid':
    'The browser came back with a wrong or missing state, `iss` or code, or with a parameter given twice.',
  'provider-token-invalid':
    'The ID token is missing, expired, not for this client, of another issuer, or has another nonce than this login.',
  'provider-key-unknown': 'The ID token is signed with a key that the provider does not publish.',
  'provider-signature-invalid': 'The signature of the ID token is wrong, or its algorithm is not allowed.',
  'provider-userinfo-invalid': 'The userinfo endpoint refused the token, or spoke of another person.',
  'provider-code-refused':
    'The provider does not accept the code: it is used up, too old, or belongs to another login.',
  'provider-client-refused':
    'The provider does not accept our client: its id, secret, redirect URI, scopes or kind of authentication.',
  'provider-access-denied': 'The person or the provider refused the login (`access_denied`).',
  'provider-login-required': 'The provider wants to ask the person something and was not let to (`login_required` …).',
  'provider-failed': 'The provider says that it cannot serve now (`server_error`, `temporarily_unavailable`).',
  'provider-error': 'The provider answered any other error; the log has its code.',
  'provider-logout-invalid':
    'A logout that the provider announced is not its own, not for this client, too old, was announced before, or says nothing that could be ended.',
  'provider-gone':
    'The provider was removed, or its settings were changed, while the login was under way, or a sign-in that rests on it is to be renewed; or a logout token was posted for a provider that there is not.',
} as const

export type ProviderReason = keyof typeof providerReasons

/** Whether a text is one of the providers' reasons. */
export function isProviderReason(text: string): text is ProviderReason {
  return Object.hasOwn(providerReasons, text)
}
