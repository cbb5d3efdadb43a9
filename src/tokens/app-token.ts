import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Reason } from '../policy/reasons.ts'
import type { KeyRing } from './key-ring.ts'
import { canonical, isCanonical } from './spelling.ts'

/** How far a clock may be off, in seconds, before `exp` and `nbf` bite. */
export const LEEWAY_SECONDS = 30

/** No app token is longer, in bytes. */
export const LONGEST_APP_TOKEN = 1024

/** What an app token says once it has been verified. */
export interface AppToken {
  readonly sid: string
  readonly subject: string
  readonly audience: string
  /** `kid` of the key that signed it. */
  readonly kid: string
  readonly issuedAtMs: number
  readonly notBeforeMs: number
  readonly expiresAtMs: number
}

export interface NewAppToken {
  readonly issuer: string
  readonly audience: string
  readonly subject: string
  readonly sid: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** The moment that revocations are compared with, in milliseconds of the store's clock. */
  readonly issuedAtMs: number
  readonly lifetimeSeconds: number
  /** 128 random bits in base64url. */
  readonly id: string
}

/** An app token came out longer than a cookie on every request may be. */
export class TokenTooLargeError extends Error {
  override readonly name = 'TokenTooLargeError'
}

/**
 * Signs the visitor's credential for one application (RFC 7519), in the one spelling that is accepted back.
 * Throws `TokenTooLargeError` above 1 kB, which only an extremely long issuer URL can bring about.
 */
export async function mintAppToken(ring: KeyRing, token: NewAppToken): Promise<string> {
  const { kid, algorithm, key } = ring.signing
  const iat = Math.floor(token.now / 1000)
  const signed = await new SignJWT({ iat_ms: token.issuedAtMs, sid: token.sid, type: 'app' })
    .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' })
    .setIssuer(token.issuer)
    .setAudience([token.audience])
    .setSubject(token.subject)
    .setJti(token.id)
    .setIssuedAt(iat)
    .setNotBefore(iat)
    .setExpirationTime(iat + token.lifetimeSeconds)
    .sign(key)
  if (signed.length > LONGEST_APP_TOKEN) throw new TokenTooLargeError(`app token of ${signed.length} bytes`)
  return canonical(signed)
}

const claims = z.object({
  sid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  sub: z.string().min(1),
  aud: z.tuple([z.string()]),
  jti: z.string().min(1),
  iat: z.int(),
  iat_ms: z.int().nonnegative(),
  nbf: z.int(),
  exp: z.int(),
  type: z.literal('app'),
})

/** What has to be true of an app token besides its signature. */
export interface Expectation {
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Verifies an app token: spelling, then signature by a key of ours with that key's own algorithm, then `iss`, `aud`,
 * `exp`, `nbf` and type.
 *
 * @returns the token's content, or why it does not count
 */
export async function verifyAppToken(ring: KeyRing, token: string, expected: Expectation): Promise<AppToken | Reason> {
  if (token.length > LONGEST_APP_TOKEN || !isCanonical(token)) return 'token-invalid'
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      ({ kid, alg }) => {
        const known = kid === undefined ? undefined : ring.verifying.get(kid)
        if (known === undefined || known.algorithm !== alg) throw new errors.JWKSNoMatchingKey()
        return known.key
      },
      {
        issuer: expected.issuer,
        audience: expected.audience,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(expected.now),
        requiredClaims: ['exp', 'nbf', 'iat'],
      },
    )
    const content = claims.safeParse(payload)
    if (!content.success || protectedHeader.kid === undefined) return 'token-invalid'
    const { sid, sub, iat_ms, nbf, exp } = content.data
    return {
      sid,
      subject: sub,
      // The same text as in the token, of which very many are kept.
      audience: expected.audience,
      kid: protectedHeader.kid,
      issuedAtMs: iat_ms,
      notBeforeMs: nbf * 1000,
      expiresAtMs: exp * 1000,
    }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'token-expired'
    if (error instanceof errors.JOSEError) return 'token-invalid'
    throw error
  }
}

/** Whether a token that was verified earlier still counts, by the clock alone. */
export function isWithinLifetime(token: AppToken, now: number): boolean {
  const leeway = LEEWAY_SECONDS * 1000
  return now < token.expiresAtMs + leeway && now >= token.notBeforeMs - leeway
}
