import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { z } from 'zod'

export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

const kid = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'expected 8 to 64 letters, digits, - or _')

const DISTINCT_KIDS = 'expected a different kid for each key'

const privateJwk = z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']) }).refine((jwk) => typeof jwk.d === 'string', {
  error: 'expected a private key in JWK form',
})

/**
 * The keys of one installation, as they are kept in a file or a secret. The first of each list is the one in use; the
 * others are only for what they made earlier.
 */
export const keySetSchema = z.strictObject({
  version: z.literal(1),
  signing: z
    .array(z.strictObject({ kid, algorithm: z.enum(SIGNING_ALGORITHMS), createdAt: z.iso.datetime(), key: privateJwk }))
    .min(1)
    .max(8)
    .refine(hasDistinctKids, DISTINCT_KIDS),
  sealing: z
    .array(
      z.strictObject({
        kid,
        createdAt: z.iso.datetime(),
        key: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected 256 bits in base64url'),
      }),
    )
    .min(1)
    .max(8)
    .refine(hasDistinctKids, DISTINCT_KIDS),
})

function hasDistinctKids(keys: readonly { readonly kid: string }[]): boolean {
  return new Set(keys.map((key) => key.kid)).size === keys.length
}

export type KeySet = z.infer<typeof keySetSchema>

/** What making new keys depends on besides the platform's own key generator. */
export interface KeyEnvironment {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly randomBytes: (size: number) => Buffer
}

/** Makes a set with one signing and one sealing key. */
export async function newKeySet(algorithm: SigningAlgorithm, { now, randomBytes }: KeyEnvironment): Promise<KeySet> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 })
  const createdAt = new Date(now()).toISOString()
  const key = (await exportJWK(privateKey)) as JWK & { kty: 'EC' | 'RSA' | 'OKP' }
  return {
    version: 1,
    signing: [{ kid: randomBytes(12).toString('base64url'), algorithm, createdAt, key }],
    sealing: [{ kid: randomBytes(12).toString('base64url'), createdAt, key: randomBytes(32).toString('base64url') }],
  }
}
