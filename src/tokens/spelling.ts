const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Order of the P-256 curve (FIPS 186-5); a signature (r, s) is as valid as (r, order - s). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const P256_HALF_ORDER = P256_ORDER >> 1n

/**
 * Whether a compact JWS is spelt in the only way in which we spell it. Libraries verify many spellings of one token
 * (padding, white space, unused bits of the last character, the other half of an ECDSA signature), so whatever is keyed on
 * a token, a cache or a list of revoked ones, could be dodged by writing the same token differently.
 */
export function isCanonical(token: string): boolean {
  if (!COMPACT.test(token)) return false
  const [header = '', payload = '', signature = ''] = token.split('.')
  if (![header, payload, signature].every(isCanonicalBase64url)) return false
  return algorithmOf(header) !== 'ES256' || isLowS(Buffer.from(signature, 'base64url'))
}

/** Rewrites a token that we just signed into its canonical spelling (RFC 7515 compact serialisation). */
export function canonical(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  if (algorithmOf(header) !== 'ES256') return token
  const bytes = Buffer.from(signature, 'base64url')
  if (isLowS(bytes)) return token
  const s = P256_ORDER - scalar(bytes)
  bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex')
  return `${header}.${payload}.${bytes.toString('base64url')}`
}

/** Whether the text is base64url as an encoder writes it: no padding, nothing in the unused bits of the last character. */
export function isCanonicalBase64url(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text
}

function algorithmOf(header: string): unknown {
  try {
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg?: unknown } | null)?.alg
  } catch {
    // Not JSON: whoever verifies the token refuses it.
    return undefined
  }
}

function isLowS(signature: Buffer): boolean {
  return signature.length === 64 && scalar(signature) <= P256_HALF_ORDER
}

function scalar(signature: Buffer): bigint {
  return BigInt(`0x${signature.subarray(32).toString('hex')}`)
}
