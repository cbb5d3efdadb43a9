import { createHash } from 'node:crypto'

/** A DNS subdomain (RFC 1123) may be this long, in characters. */
const LONGEST = 253
const HASH_DIGITS = 16

/**
 * Makes the name of an object out of another name, `head + name + tail`; a name that would be too long is cut, and a hash
 * of all of it keeps two such names apart.
 *
 * @returns at most 253 characters
 */
export function boundedName(head: string, name: string, tail = ''): string {
  const whole = `${head}${name}${tail}`
  if (whole.length <= LONGEST) return whole
  const room = LONGEST - head.length - tail.length - HASH_DIGITS - 1
  // A label ends in a letter or a digit.
  return `${head}${name.slice(0, room).replace(/[^a-z0-9]+$/, '')}-${shortHash(whole)}${tail}`
}

/** 16 hex digits of the SHA-256 of a text's UTF-8. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)
}
