import { fieldOf } from '../resources/raw-value.ts'
import type { KubeObject } from './kube-object.ts'

const LARGEST_SECRET_BYTES = 64 * 1024
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * A text in a Secret, without a line end behind it.
 *
 * @returns undefined if there is none, or it is empty, no UTF-8, or larger than 64 KiB
 */
export function secretValue(secret: KubeObject | undefined, key: string): string | undefined {
  const encoded = fieldOf(fieldOf(secret, 'data'), key)
  if (typeof encoded !== 'string' || encoded.length > (LARGEST_SECRET_BYTES / 3) * 4 + 4) return undefined
  if (!BASE64.test(encoded)) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length > LARGEST_SECRET_BYTES) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '') || undefined
  } catch {
    return undefined
  }
}
