import { createHash } from 'node:crypto'

/**
 * The key of the code store under which something lies: a hash, so that whoever reads the store can present none of it.
 *
 * @param kind what lies there, so that no two kinds meet under one key
 * @param parts what it is known by
 */
export function codeKey(kind: string, ...parts: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest('base64url')
}
