import type { Reason } from '../../src/policy/reasons.ts'

/** What an operator does about a reason, where anything is to be done. */
export const nextSteps: Partial<Record<Reason, string>> = {
  'login-required':
    'nothing, for a browser. A program that meets it needs a credential of its own, or a Bypass policy for its path.',
  'session-ended': 'nothing: the person signs in again.',
  'token-invalid':
    'look whether the keys or the auth host’s URL have changed, and whether all replicas use the same keys. Otherwise somebody is trying.',
  'token-doubled': 'look for a proxy or a client that adds the cookie or the header a second time.',
  'policy-denies': 'the log names the policy. Use `explain` to see which of its rules hold.',
  'no-policy-matches': 'use `explain` to see which rule of which policy fails for this person.',
  'login-would-not-help':
    'look at the rules that need no identity, `ip` and `method` for example: no login can make up for them.',
  'provider-not-admitted':
    'sign in with a provider that the application lists, or add the provider to its `identityProviders`.',
  'no-application':
    'make an `AccessApplication` with a destination that covers this host and path, or take the proxy’s check away.',
  'application-unknown': 'compare the namespace and the name in the check’s URL with the resources that are loaded.',
  'application-mismatch':
    'let the proxy name the application that covers this host and path, or move the destination to the one it names.',
  'application-broken': 'the log and `gatehouse validate` say what is not valid, with file and line.',
  'portal-not-routed': 'route `/.gatehouse/` of the app’s host to the portal listener, ahead of the app.',
  'dialect-unknown': 'compare the check’s URL in the proxy’s configuration with the guide for that proxy.',
  'request-incomplete': 'set every header or parameter that the guide for this proxy lists.',
  'request-field-doubled':
    'let the proxy overwrite the field instead of adding to it, and take away a second proxy that sets it too.',
  'request-field-aliased': 'nothing, if a client sent it. Otherwise drop such headers in the proxy that adds them.',
  'request-host-invalid':
    'publish all apps on the scheme and port of the auth host’s URL; see `auth.url` of the configuration.',
  'request-path-ambiguous':
    'nothing, if a client is probing. An app that needs such paths cannot be protected path by path: change its links.',
  'annotations-unsupported':
    'use the guide for the controller that you run: it emulates the annotations of ingress-nginx without their variables.',
  'store-unavailable': 'look at Redis and the network to it. People stay signed in.',
  'answer-too-large':
    'ask for fewer identity headers or groups in the application, or give the proxy the buffers that its guide sets.',
  'not-ready': 'wait for `/readyz`. If it stays so, the log says which resources cannot be read.',
  'internal-error': 'please report it with the line of the log that has the same reference.',
  'email-unverified':
    'let the provider verify addresses, or set `trustEmail` on it if it hands out none that are not its own.',
  'email-missing': 'ask the provider for the `email` scope, or name the claim that holds the address.',
  'claim-missing': 'look at `/identity` on the auth host for the claims that the provider sends.',
  'groups-incomplete': 'let the provider send only the groups that are assigned to Gatehouse.',
  'access-group-unresolved': 'the log and `gatehouse validate` name the reference.',
  'client-address-unknown': 'set `clientAddress` of the dialect to the header and the hops of the proxies in front.',
}
