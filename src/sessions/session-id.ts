import { createHash } from 'node:crypto'

const BYTES = 32

// 43 characters of base64url hold 258 bits: the last two are zero, so every id has exactly one spelling.
const SHAPE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/**
 * Makes a session id: 256 random bits in base64url. It lives in the cookie of the auth host and nowhere else.
 *
 * @param randomBytes gives as many unpredictable bytes as it is asked for
 */
export function newSessionId(randomBytes: (size: number) => Uint8Array): string {
  return Buffer.from(randomBytes(BYTES)).toString('base64url')
}

/**
 * The name of a session everywhere but in its cookie: the SHA-256 of the id's text, in base64url.
 *
 * @returns undefined if the text is no session id
 */
export function sidOf(id: string): string | undefined {
  return SHAPE.test(id) ? createHash('sha256').update(id).digest('base64url') : undefined
}

/** Whether the text has the shape of a `sid`. */
export function isSid(text: string): boolean {
  return SHAPE.test(text)
}
