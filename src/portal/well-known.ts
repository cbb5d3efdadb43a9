import { type Answer, withHeaders } from '../pages/answer.ts'
import type { PublicUrls } from '../policy/public-url.ts'
import type { KeyRing } from '../tokens/key-ring.ts'

/** How long an origin may keep our keys, in seconds; shorter than the time a new key is published before it signs. */
const MAX_AGE_SECONDS = 300

/** `/.well-known/jwks.json`: the public keys (RFC 7517). */
export function jwks(ring: KeyRing): Answer {
  return published({ keys: ring.jwks.keys })
}

/**
 * `/.well-known/openid-configuration`: enough for a JOSE library to verify an assertion by issuer and audience alone.
 * Gatehouse is no OpenID provider, so there are no endpoints to list.
 */
export function metadata(urls: PublicUrls, ring: KeyRing): Answer {
  return published({
    issuer: urls.issuer,
    jwks_uri: `${urls.issuer}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: [...new Set([...ring.verifying.values()].map(({ algorithm }) => algorithm))],
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    claims_supported: [
      'iss',
      'aud',
      'sub',
      'iat',
      'iat_ms',
      'nbf',
      'exp',
      'jti',
      'sid',
      'type',
      'email',
      'idp',
      'groups',
      'custom',
    ],
  })
}

function published(body: unknown): Answer {
  const answer: Answer = {
    status: 200,
    headers: [['Content-Type', 'application/json']],
    body: `${JSON.stringify(body)}\n`,
  }
  return withHeaders(answer, [
    ['Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`],
    ['Access-Control-Allow-Origin', '*'],
    ['X-Content-Type-Options', 'nosniff'],
  ])
}
