import type { AdminReason } from '../../src/admin/reasons.ts'
import type { LoginReason } from '../../src/login/reasons.ts'
import type { Reason } from '../../src/policy/reasons.ts'
import type { ProviderReason } from '../../src/providers/reasons.ts'

/** A reason of any of the lists. */
export type AnyReason = Reason | LoginReason | ProviderReason | AdminReason

/** What an operator does about a reason, where anything is to be done. */
export const nextSteps: Partial<Record<AnyReason, string>> = {
  'login-required':
    'nothing, for a browser. A program that meets it needs a credential of its own, or a Bypass policy for its path.',
  'session-ended': 'nothing: the person signs in again.',
  'token-invalid':
    'look whether the keys or the auth host’s URL have changed, and whether all replicas use the same keys. Otherwise somebody is trying.',
  'token-doubled': 'look for a proxy or a client that adds the cookie or the header a second time.',
  'policy-denies': 'the log names the policy. Use `explain` to see which of its rules hold.',
  'no-policy-matches':
    'let the person open `/identity` on the auth host: it shows the email address and the groups that the provider sends. Groups often have to be asked for, by a scope or a mapper. `explain` shows which rule of which policy fails.',
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
  'identity-unconfirmed':
    'look at the identity provider and the network to it. People stay signed in, and get in again as soon as it answers.',
  'answer-too-large':
    'ask for fewer identity headers or groups in the application, or give the proxy the buffers that its guide sets.',
  'not-ready': 'wait for `/readyz`. If it stays so, the log says which resources cannot be read.',
  'internal-error': 'please report it with the line of the log that has the same reference.',
  'email-unverified':
    'let the provider verify addresses, or set `trustEmail` on it if it hands out none that are not its own.',
  'email-missing': 'ask the provider for the `email` scope, or name the claim that holds the address.',
  'claim-missing':
    'compare the name in the rule, letter by letter, with the claims of the provider’s ID token and userinfo.',
  'groups-incomplete': 'let the provider send only the groups that are assigned to Gatehouse.',
  'access-group-unresolved': 'the log and `gatehouse validate` name the reference.',
  'client-address-unknown': 'set `clientAddress` of the dialect to the header and the hops of the proxies in front.',
  'login-request-invalid':
    'nothing, for a page that was left open. If everybody meets it, look whether all replicas use the same keys.',
  'login-state-invalid':
    'nothing, for a login that was left open or a bookmark of the provider’s page. If everybody meets it, look whether all replicas use the same keys and whether the provider sends `state` back unchanged.',
  'login-code-invalid':
    'nothing, for somebody who reloads or shares the address. If everybody meets it, let the proxy pass all cookies to the portal.',
  'no-identity-provider':
    'look at `identityProviders` of the application; `gatehouse validate` says which providers cannot be offered.',
  'cookies-blocked':
    'let the browser accept cookies of the app’s host and of the auth host. If everybody meets it, look whether the proxy passes `Set-Cookie` and `Cookie` on unchanged.',
  'return-address-shortened': 'nothing: the person arrives at the page without what stood behind its `?`.',
  'cross-origin':
    'nothing, if another site has tried. Otherwise let the proxy pass `Origin` and `Host` on as the browser sent them.',
  'form-invalid': 'nothing, if a client is probing. A provider that answers by `form_post` stays far below 64 kB.',
  'host-unknown':
    'let the proxy pass `Host` on as the browser sent it, and route only the auth host and the hosts of applications to the portal.',
  'provider-logout-invalid':
    'compare the issuer and the client id with those at the provider, and let it send `sid`. One that was used before was posted twice; otherwise somebody is trying.',
  'provider-unreachable':
    'look at the provider and at the network, the proxy and the name server on the way to it. If the log names a certificate, its authority is not known here: start Gatehouse with `NODE_EXTRA_CA_CERTS=ca.pem`.',
  'provider-address-refused':
    'give the issuer as an `https://` URL. If the address stands in the provider’s own metadata, it has to be mended there.',
  'provider-answer-invalid':
    'open the address that the log names: a proxy or a login page of a firewall often answers in the provider’s place.',
  'provider-metadata-invalid':
    'compare `issuer` with the `issuer` of the provider’s `/.well-known/openid-configuration`, letter by letter, the last slash too.',
  'provider-keys-invalid':
    'let the provider publish keys for RS256, PS256, ES256 or EdDSA, RSA ones of at least 2048 bits.',
  'provider-response-invalid':
    'nothing, for a single case. If everybody meets it, look whether something between provider and browser changes the address.',
  'provider-token-invalid':
    'compare the client id, and the clocks of both machines. The log says which claim is wrong.',
  'provider-key-unknown':
    'nothing, shortly after the provider has changed its keys: the next login finds the new ones.',
  'provider-signature-invalid': 'look which algorithm the provider signs with; `none` and `HS256` are never accepted.',
  'provider-userinfo-invalid':
    'look whether the scopes allow userinfo, or switch it off with `requestUserinfo: false` if the ID token holds all that is needed.',
  'provider-code-refused':
    'nothing, for somebody who goes back in the browser. If everybody meets it, compare the redirect URI with the one that is registered.',
  'provider-client-refused':
    'compare client id, secret, redirect URI, scopes and the kind of client authentication with what is registered.',
  'provider-access-denied': 'nothing, if the person turned back. Otherwise assign them to the client at the provider.',
  'provider-failed': 'look at the provider’s own status.',
  'provider-error': 'look the code in the log up in the provider’s documentation.',
  'provider-gone':
    'nothing, for a login: the person starts again. For a back-channel logout, compare the end of the address with the name of the `IdentityProvider`.',
  'admin-unauthenticated':
    'compare the token with the file that `admin.tokenFile` names, and the certificate with `admin.tls.clientCaFile`.',
  'admin-not-allowed': 'add the name of the certificate to `admin.tls.allowedNames`, or use another certificate.',
  'admin-too-many-failures':
    'use the right credentials, which get through at once. If it was not you, somebody is trying.',
  'admin-token-unusable':
    'write a token of at least 32 characters into the file, for example by `openssl rand -base64 32`, and see to it that not everybody can read it; `adminCredentialsTrouble` in the log says what is wrong.',
  'admin-browser': 'call it from a program, such as `gatehouse sessions list`. Otherwise a web page has tried.',
  'admin-invalid': 'the answer names each field and what was expected there.',
}
