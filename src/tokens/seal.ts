import { CompactEncrypt, compactDecrypt, errors } from 'jose'
import type { KeyRing } from './key-ring.ts'
import { isCanonicalBase64url } from './spelling.ts'

/** What a sealed value is for. A value sealed for one purpose cannot be opened for another. */
export type SealPurpose =
  | 'signed-out'
  | 'posted-form'
  | 'transaction'
  | 'flow'
  | 'state'
  | 'request'
  | 'id-token'
  | 'refresh-token'

const MAX_SEALED_LENGTH = 16_384

/** Seals and opens with the keys of the moment: `seal` and `open` without their key ring. */
export interface Sealer {
  seal(purpose: SealPurpose, value: unknown, expiresAtMs: number): Promise<string>
  open(purpose: SealPurpose, sealed: string, now: number): Promise<unknown>
}

/** @param ring the keys of the moment */
export function sealerOf(ring: () => KeyRing): Sealer {
  return {
    seal: (...what) => seal(ring(), ...what),
    open: (...what) => open(ring(), ...what),
  }
}

/**
 * Encrypts and authenticates a JSON value (JWE with direct AES-256-GCM, RFC 7516), for cookies, URLs and records that
 * others carry or keep for us.
 *
 * @param expiresAtMs milliseconds since 1970; from then on it cannot be opened
 */
export async function seal(ring: KeyRing, purpose: SealPurpose, value: unknown, expiresAtMs: number): Promise<string> {
  const plain = new TextEncoder().encode(JSON.stringify({ value, expiresAtMs }))
  return new CompactEncrypt(plain)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: ring.sealing.kid, typ: purpose })
    .encrypt(ring.sealing.key)
}

/**
 * Opens what `seal` made.
 *
 * @param now milliseconds since 1970
 * @returns the value, or undefined if it is not ours, is not spelt as we spelt it, was sealed for something else, or has
 *   expired
 */
export async function open(ring: KeyRing, purpose: SealPurpose, sealed: string, now: number): Promise<unknown> {
  if (sealed.length > MAX_SEALED_LENGTH || !sealed.split('.').every(isCanonicalBase64url)) return undefined
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealed,
      ({ kid }) => {
        const key = kid === undefined ? undefined : ring.opening.get(kid)
        if (key === undefined) throw new errors.JWKSNoMatchingKey()
        return key
      },
      { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
    )
    if (protectedHeader.typ !== purpose) return undefined
    const { value, expiresAtMs } = JSON.parse(new TextDecoder().decode(plaintext)) as {
      value: unknown
      expiresAtMs: number
    }
    return now < expiresAtMs ? value : undefined
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
