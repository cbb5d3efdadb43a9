import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { z } from 'zod'

export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

const kid = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'expected 8 to 64 letters, digits, - or _')

/** As many keys of each kind as a set holds at most. */
export const MAX_KEYS = 8

const DISTINCT_KIDS = 'expected a different kid for each key'
const ONE_IN_USE = 'expected the first key, which is the one in use, to be without retiredAt'

const privateJwk = z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']) }).refine((jwk) => typeof jwk.d === 'string', {
  error: 'expected a private key in JWK form',
})

/** When a key ceased to be the one in use. */
const retiredAt = z.iso.datetime().optional()

/**
 * The keys of one installation, as they are kept in a file or a secret. The first of each list is the one in use; the
 * others are for what they made earlier, or, where the second is younger than the first, for what it will make.
 */
export const keySetSchema = z.strictObject({
  version: z.literal(1),
  signing: z
    .array(
      z.strictObject({
        kid,
        algorithm: z.enum(SIGNING_ALGORITHMS),
        createdAt: z.iso.datetime(),
        retiredAt,
        key: privateJwk,
      }),
    )
    .min(1)
    .max(MAX_KEYS)
    .refine(hasDistinctKids, DISTINCT_KIDS)
    .refine(beginsWithOneInUse, ONE_IN_USE),
  sealing: z
    .array(
      z.strictObject({
        kid,
        createdAt: z.iso.datetime(),
        retiredAt,
        key: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected 256 bits in base64url'),
      }),
    )
    .min(1)
    .max(MAX_KEYS)
    .refine(hasDistinctKids, DISTINCT_KIDS)
    .refine(beginsWithOneInUse, ONE_IN_USE),
})

function hasDistinctKids(keys: readonly { readonly kid: string }[]): boolean {
  return new Set(keys.map((key) => key.kid)).size === keys.length
}

function beginsWithOneInUse([first]: readonly { readonly retiredAt?: string | undefined }[]): boolean {
  return first?.retiredAt === undefined
}

export type KeySet = z.infer<typeof keySetSchema>
export type SigningKey = KeySet['signing'][number]
export type SealingKey = KeySet['sealing'][number]

/** What making new keys depends on besides the platform's own key generator. */
export interface KeyEnvironment {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly randomBytes: (size: number) => Buffer
}

/** Makes a set with one signing and one sealing key. */
export async function newKeySet(algorithm: SigningAlgorithm, environment: KeyEnvironment): Promise<KeySet> {
  return {
    version: 1,
    signing: [await newSigningKey(algorithm, environment)],
    sealing: [newSealingKey(environment)],
  }
}

export async function newSigningKey(
  algorithm: SigningAlgorithm,
  { now, randomBytes }: KeyEnvironment,
): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 })
  const key = (await exportJWK(privateKey)) as JWK & { kty: 'EC' | 'RSA' | 'OKP' }
  return { kid: newKid(randomBytes), algorithm, createdAt: new Date(now()).toISOString(), key }
}

export function newSealingKey({ now, randomBytes }: KeyEnvironment): SealingKey {
  const key = randomBytes(32).toString('base64url')
  return { kid: newKid(randomBytes), createdAt: new Date(now()).toISOString(), key }
}

function newKid(randomBytes: KeyEnvironment['randomBytes']): string {
  return randomBytes(12).toString('base64url')
}
