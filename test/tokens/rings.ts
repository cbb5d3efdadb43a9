import { randomBytes } from 'node:crypto'
import { CompactSign, type JWTHeaderParameters } from 'jose'
import { mintAppToken, type NewAppToken } from '../../src/tokens/app-token.ts'
import { type KeyRing, keyRing } from '../../src/tokens/key-ring.ts'
import { type KeySet, newKeySet, SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../src/tokens/key-set.ts'
import { canonical } from '../../src/tokens/spelling.ts'

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
export const ISSUER = 'https://auth.example.com'
export const AUDIENCE = 'a1'.repeat(32)
export const SID = `${'S'.repeat(42)}E`
export const SUBJECT = `${'U'.repeat(42)}E`

/** A set with one key of each kind, made for this call. */
export function freshKeySet(algorithm: SigningAlgorithm = 'ES256'): Promise<KeySet> {
  return newKeySet(algorithm, { now: () => NOW, randomBytes })
}

export async function freshRing(algorithm: SigningAlgorithm = 'ES256'): Promise<KeyRing> {
  return keyRing(await freshKeySet(algorithm))
}

/** One ring for each algorithm, made once. */
export const rings = Object.fromEntries(
  await Promise.all(SIGNING_ALGORITHMS.map(async (algorithm) => [algorithm, await freshRing(algorithm)] as const)),
) as Readonly<Record<SigningAlgorithm, KeyRing>>

/** An app token as a login mints it, or as the parts say. */
export function mintedToken(ring: KeyRing, parts: Partial<NewAppToken> = {}): Promise<string> {
  return mintAppToken(ring, {
    issuer: ISSUER,
    audience: AUDIENCE,
    subject: SUBJECT,
    sid: SID,
    now: NOW,
    issuedAtMs: parts.now ?? NOW,
    lifetimeSeconds: 3600,
    id: randomBytes(16).toString('base64url'),
    ...parts,
  })
}

/** The claims of a sound app token that is valid at `NOW`. */
export function soundClaims(): Record<string, unknown> {
  const iat = Math.floor(NOW / 1000)
  return {
    iss: ISSUER,
    aud: [AUDIENCE],
    sub: SUBJECT,
    sid: SID,
    jti: 'J'.repeat(22),
    iat,
    iat_ms: NOW,
    nbf: iat,
    exp: iat + 3600,
    type: 'app',
  }
}

/** Signs any text as a JWT of ours, spelt canonically, so that nothing is wrong with it but what it says. */
export async function signedText(
  { signing }: KeyRing,
  payload: string | Uint8Array,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload
  const token = await new CompactSign(bytes)
    .setProtectedHeader({ alg: signing.algorithm, kid: signing.kid, typ: 'JWT', ...header })
    .sign(signing.key)
  return canonical(token)
}

export function signedClaims(
  ring: KeyRing,
  claims: object,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  return signedText(ring, JSON.stringify(claims), header)
}

/** The parts of a compact JWS, read without verifying anything. */
export function decoded(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return { header: JSON.parse(header), claims: JSON.parse(claims) }
}
