import { isRecord } from './claim-set.ts'
import { ProviderError } from './provider.ts'

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/**
 * The key that a signed token names (`kid`). Only the spelling of the token and its algorithm are judged here, before any
 * key is fetched on its behalf; keys that the token itself brings or links to (`jwk`, `jku`, `x5u`) are never looked at.
 *
 * @param allowed the algorithms that this provider may sign with
 * @throws ProviderError if it is not a signed JWT in its one canonical alphabet, or is signed in another way
 */
export function keyIdOf(token: string, allowed: readonly string[]): string | undefined {
  const header = COMPACT.test(token) ? headerOf(token) : undefined
  if (header === undefined) throw new ProviderError('provider-token-invalid', 'token: it is not a signed JWT')
  if (typeof header.alg !== 'string' || !allowed.includes(header.alg)) {
    throw new ProviderError('provider-signature-invalid', 'token: its algorithm is not allowed')
  }
  return typeof header.kid === 'string' ? header.kid : undefined
}

function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())
    return isRecord(header) ? header : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
