import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

/** What is kept in a store that others may write to. A text stamped as one thing does not count as another. */
export type StampPurpose = 'session' | 'code'

/** Most bytes that a stamp adds to a text. */
export const STAMP_MAX_BYTES = 64 + 1 + 43 + 1

const KEY_BYTES = 32
const INFO = 'gatehouse stamp'
const SHAPE = /^([A-Za-z0-9_-]{8,64})\.([A-Za-z0-9_-]{43})\./

const stampKeys = new WeakMap<Uint8Array, Buffer>()

/**
 * Puts a mark before a text by which it is known again as ours: HMAC-SHA256 (RFC 2104) over purpose, place and text, with a
 * key derived (HKDF, RFC 5869) from the sealing key.
 *
 * @param place the key that the text is kept under, so that it does not count under another
 */
export function stamp(ring: KeyRing, purpose: StampPurpose, place: string, text: string): string {
  const { kid, key } = ring.sealing
  return `${kid}.${macOf(key, purpose, place, text)}.${text}`
}

/**
 * The text that was stamped.
 *
 * @returns undefined if the mark is missing, or was not made with a key of ours for this purpose and place
 */
export function unstamped(ring: KeyRing, purpose: StampPurpose, place: string, stamped: string): string | undefined {
  const [mark, kid = '', mac = ''] = SHAPE.exec(stamped) ?? []
  const key = ring.opening.get(kid)
  if (mark === undefined || key === undefined) return undefined
  const text = stamped.slice(mark.length)
  const expected = macOf(key, purpose, place, text)
  return timingSafeEqual(Buffer.from(mac), Buffer.from(expected)) ? text : undefined
}

function macOf(key: Uint8Array, purpose: StampPurpose, place: string, text: string): string {
  const name = `${purpose}\n${place}\n`
  return createHmac('sha256', stampKeyOf(key)).update(`${name.length}\n${name}`).update(text).digest('base64url')
}

function stampKeyOf(key: Uint8Array): Buffer {
  const known = stampKeys.get(key)
  if (known !== undefined) return known
  const made = Buffer.from(hkdfSync('sha256', key, '', INFO, KEY_BYTES))
  stampKeys.set(key, made)
  return made
}

/** Stamps with the keys of now. */
export interface Stamps {
  /** As `stamp`. */
  readonly mark: (purpose: StampPurpose, place: string, text: string) => string
  /** As `unstamped`. */
  readonly read: (purpose: StampPurpose, place: string, stamped: string) => string | undefined
}

export function stampsOf(keyRing: () => KeyRing): Stamps {
  return {
    mark: (purpose, place, text) => stamp(keyRing(), purpose, place, text),
    read: (purpose, place, stamped) => unstamped(keyRing(), purpose, place, stamped),
  }
}
