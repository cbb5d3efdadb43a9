import { type CryptoKey, importJWK, type JWK } from 'jose'
import type { KeySet, SigningAlgorithm } from './key-set.ts'

/** The keys of an installation, ready for use. */
export interface KeyRing {
  /** Signs everything new. */
  readonly signing: { readonly kid: string; readonly algorithm: SigningAlgorithm; readonly key: CryptoKey }
  /** Every key whose signatures are accepted, by `kid`. */
  readonly verifying: ReadonlyMap<string, { readonly algorithm: SigningAlgorithm; readonly key: CryptoKey }>
  /** The public halves, as `/.well-known/jwks.json` shows them (RFC 7517). */
  readonly jwks: { readonly keys: readonly JWK[] }
  /** Seals everything new. */
  readonly sealing: { readonly kid: string; readonly key: Uint8Array }
  /** Every key whose seals are opened, by `kid`. */
  readonly opening: ReadonlyMap<string, Uint8Array>
}

const RSA_BITS = 2048

/** Imports a key set. Throws if one of its keys is not what it says it is. */
export async function keyRing(set: KeySet): Promise<KeyRing> {
  const keys = await Promise.all(set.signing.map(importSigningKey))
  const opening = new Map(set.sealing.map(({ kid, key }) => [kid, new Uint8Array(Buffer.from(key, 'base64url'))]))
  const [signing] = keys
  const [sealing] = opening
  if (signing === undefined || sealing === undefined) throw new TypeError('a key set has at least one key of each kind')
  return {
    signing: { kid: signing.kid, algorithm: signing.algorithm, key: signing.privateKey },
    verifying: new Map(keys.map(({ kid, algorithm, publicKey }) => [kid, { algorithm, key: publicKey }])),
    jwks: { keys: keys.map(({ publicJwk }) => publicJwk) },
    sealing: { kid: sealing[0], key: sealing[1] },
    opening,
  }
}

async function importSigningKey({ kid, algorithm, key }: KeySet['signing'][number]) {
  const publicJwk: JWK = { ...publicPart(key as JWK), kid, alg: algorithm, use: 'sig' }
  const [privateKey, publicKey] = await Promise.all([importJWK(key as JWK, algorithm), importJWK(publicJwk, algorithm)])
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array)
    throw new TypeError(`key ${kid} is symmetric`)
  if (algorithm === 'RS256' && modulusLength(publicKey) !== RSA_BITS) {
    throw new TypeError(
      `key ${kid} has to have ${RSA_BITS} bits: a shorter one is weak, a longer one signs tokens above 1 kB`,
    )
  }
  return { kid, algorithm, privateKey, publicKey, publicJwk }
}

function modulusLength({ algorithm }: CryptoKey): unknown {
  return 'modulusLength' in algorithm ? algorithm.modulusLength : undefined
}

/** Names what may be published instead of what must not: a member nobody thought of stays at home. */
function publicPart({ kty, crv, x, y, n, e }: JWK): JWK {
  const members = { kty, crv, x, y, n, e }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JWK
}
