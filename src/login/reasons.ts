/**
 * Why the portal sends a visitor away besides what policies and providers say, with what it tells an operator. Like all
 * reasons these are part of the public interface and never change their meaning.
 */
export const loginReasons = {
  'signed-in': 'A person has signed in and a new session has begun.',
  'login-request-invalid': 'The link to the sign-in page was not made here, or is older than an hour.',
  'login-state-invalid': 'What the provider sent back does not belong to a login that was begun here, or is too old.',
  'login-code-invalid': 'The one-time code is used up, too old, or was made for another app, host or browser.',
  'no-identity-provider': 'The application admits no identity provider that exists.',
  'cookies-blocked': 'The browser has not sent back our cookies three times in a row.',
  'return-address-shortened': 'The address to return to after the login was longer than 2 kB and has lost its query.',
  'cross-origin': 'A form was posted by a page of another origin.',
  'no-such-page': 'The portal has no such page.',
  'form-invalid': 'A form was too large, cut off, or sent in an encoding that is not read.',
  'host-unknown': 'The portal was asked for a host that is neither the auth host nor an application’s.',
} as const

export type LoginReason = keyof typeof loginReasons
