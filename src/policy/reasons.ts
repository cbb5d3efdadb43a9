/**
 * Every reason there is, with what it tells an operator. A reason stands in the log, in the metric, on the page and in
 * `explain`; it is part of the public interface and never changes its meaning. The reference page is made of this list.
 */
export const reasons = {
  'policy-allows': 'An Allow policy matches the signed-in identity.',
  'policy-bypasses': 'A Bypass policy matches: no login is asked for.',
  'service-auth': 'A ServiceAuth policy matches a machine’s credential.',
  'login-required': 'Nobody is signed in, and some Allow policy could match after a login.',
  'session-ended':
    'The app token is sound, but its session has been revoked, has expired, or has been lost by the store.',
  'token-expired': 'The app token has expired; a live session renews it without asking.',
  'token-invalid': 'The app token is not one of ours, not for this application, or not spelt as we spell it.',
  'token-doubled': 'The request carries the app token more than once, so it is not clear which one counts.',
  'token-revoked':
    'The app token was issued before its application, or everybody, was signed out; a live session renews it.',
  'policy-denies': 'A Deny policy matches.',
  'no-policy-matches':
    'The person is signed in and no policy lets them in; another login as the same person would not help.',
  'login-would-not-help': 'Nobody is signed in, and the rules that need no identity already exclude everyone.',
  'provider-not-admitted': 'The person signed in with a provider that this application does not admit.',
  'no-application': 'No application covers this host and path.',
  'application-unknown': 'The check’s URL names an application that does not exist.',
  'application-mismatch':
    'The check’s URL names an application, but it does not cover this host and path: another one does, or none.',
  'application-broken': 'The application, or something it refers to, is not valid; it is shut until that is mended.',
  'portal-not-routed': 'The proxy asked about a path below /.gatehouse/, which it must send to the portal itself.',
  'dialect-unknown': 'The check’s URL names no dialect, or is not a check’s URL at all.',
  'request-incomplete': 'A field that the dialect needs is missing.',
  'request-field-doubled':
    'A field that the dialect reads stands there twice, so it is not clear which one the proxy wrote.',
  'request-field-aliased': 'A header imitates one that counts, with `_`, `.` or another mark in place of `-`.',
  'request-method-invalid': 'The method is not an upper-case HTTP method.',
  'request-host-invalid': 'The host is not a plain host name, or has a port that apps are not published on.',
  'request-path-invalid': 'The request target does not begin with `/` or has characters that may not stand in it.',
  'request-path-ambiguous':
    'Two servers could read the path differently (dot segments, `//`, `;`, `\\`, encoded slashes or letters …), or it is another application’s but for letter case or the like.',
  'request-too-many-headers': 'The check has more than 200 headers.',
  'annotations-unsupported':
    'The ingress controller did not fill in the variables of the annotation (an unexpanded `$`).',
  'store-unavailable': 'The session store gave no answer, so the session can be neither confirmed nor denied.',
  'revocations-stale':
    'The store has not been heard for longer than `revocation.maxStaleness`, so nobody can say whether the session has been revoked meanwhile.',
  'identity-unconfirmed':
    'The identity provider has not vouched for the person for longer than `sessions.refresh.bound`, and cannot be asked now.',
  'answer-too-large': 'The answer would not fit the proxy’s buffers; it is not cut silently.',
  'not-ready': 'The process has not loaded its resources yet.',
  'internal-error': 'A fault of ours; the log has the details.',
  'email-unverified': 'An email rule met an address that the provider does not call verified.',
  'email-missing': 'An email rule met an identity without an address.',
  'claim-missing': 'A claim rule met an identity without that claim.',
  'groups-incomplete': 'The provider left groups out (`_claim_names`), so membership cannot be told.',
  'access-group-unresolved': 'A rule refers to an AccessGroup that does not exist, is not valid, or refers to itself.',
  'client-address-unknown': 'An ip rule met a request whose client address is not known.',
} as const

export type Reason = keyof typeof reasons

/** Why a rule answered error. */
export type RuleErrorReason = Extract<
  Reason,
  | 'email-unverified'
  | 'email-missing'
  | 'claim-missing'
  | 'groups-incomplete'
  | 'access-group-unresolved'
  | 'client-address-unknown'
>

/** Whether a text is one of the reasons. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text)
}
