import { isRecord } from './claim-set.ts'
import { before, jsonObjectOf, type ProviderFetch } from './oidc-fetch.ts'
import { ProviderError } from './provider.ts'

const FRESH_MS = 300_000
const CEILING_MS = 86_400_000
const COOLDOWN_MS = 5000
const RETRY_FIRST_MS = 1000
const MAX_KEYS = 200

/** The public members of a key; what else a key set holds is none of our business. */
const MEMBERS = ['kty', 'kid', 'use', 'key_ops', 'alg', 'n', 'e', 'crv', 'x', 'y']

export type PublicKey = Readonly<Record<string, unknown>>

/** The provider's published keys. */
export interface KeyCache {
  /**
   * The keys to verify a signature with.
   *
   * @param kid the key that the token names; if it is not known the keys are fetched anew, at most once in 5 seconds
   * @throws ProviderError if no keys are known, or those known are older than 24 hours, and none can be had
   */
  get(uri: string, kid: string | undefined, signal: AbortSignal): Promise<readonly PublicKey[]>
}

interface Held {
  readonly uri: string
  readonly keys: readonly PublicKey[]
  readonly atMs: number
}

/**
 * Fresh for 5 minutes. After that they are fetched anew before they are used, so that a key the provider withdrew goes out
 * of use; while that fails, keys known so far serve until they are 24 hours old.
 *
 * @param options.timeoutMs how long a fetch may take
 * @param options.renewalMs how long a login waits for new keys when the known ones would do
 */
export function keyCache(options: {
  readonly call: ProviderFetch
  readonly now: () => number
  readonly timeoutMs: number
  readonly renewalMs: number
}): KeyCache {
  const { call, now, timeoutMs, renewalMs } = options
  let held: Held | undefined
  let failure: unknown
  let attempt: { readonly uri: string; readonly atMs: number } | undefined
  let flight: Promise<void> | undefined

  const refresh = (uri: string) => {
    if (flight !== undefined) return flight
    attempt = { uri, atMs: now() }
    flight = fetchKeys(call, uri, AbortSignal.timeout(timeoutMs))
      .then(
        (keys) => {
          held = { uri, keys, atMs: now() }
        },
        (error: unknown) => {
          failure = error
        },
      )
      .finally(() => {
        flight = undefined
      })
    return flight
  }
  const hasAskedWithin = (uri: string, ms: number) => attempt?.uri === uri && Math.abs(now() - attempt.atMs) < ms
  const usable = (uri: string) => (held?.uri === uri && Math.abs(now() - held.atMs) < CEILING_MS ? held : undefined)

  return {
    async get(uri, kid, signal) {
      const known = usable(uri)
      const isKnown = known !== undefined && (kid === undefined || known.keys.some((key) => key.kid === kid))
      if (isKnown && Math.abs(now() - known.atMs) < FRESH_MS) return known.keys

      const cooldownMs = known === undefined ? RETRY_FIRST_MS : COOLDOWN_MS
      if (flight !== undefined || !hasAskedWithin(uri, cooldownMs)) {
        if (isKnown) await Promise.race([refresh(uri), elapsed(renewalMs)])
        else await before(signal, refresh(uri))
      }
      const found = usable(uri)
      if (found === undefined)
        throw failure ?? new ProviderError('provider-unreachable', 'jwks: the address has changed')
      return found.keys
    },
  }
}

function fetchKeys(call: ProviderFetch, uri: string, signal: AbortSignal): Promise<readonly PublicKey[]> {
  const init = { method: 'GET', headers: { accept: 'application/json, application/jwk-set+json' } }
  return call('jwks', uri, init, signal, async (response) => {
    if (response.status !== 200) {
      throw new ProviderError('provider-answer-invalid', `jwks: HTTP ${response.status}`)
    }
    const { keys } = await jsonObjectOf(response, 'jwks')
    const listed: readonly unknown[] = Array.isArray(keys) ? keys.slice(0, MAX_KEYS) : []
    const sound = listed.filter(isRecord).map(publicPart).filter(isSound)
    // An empty set must not take the place of keys that work.
    if (sound.length === 0) throw new ProviderError('provider-keys-invalid', 'jwks: there is no usable key')
    return sound
  })
}

/** Refuses keys that a signature proves nothing with: RSA of fewer than 2048 bits or with an exponent of 1, and secrets. */
function isSound(key: PublicKey): boolean {
  if (!Object.values(key).every(isText)) return false
  if (key.kty === 'EC' || key.kty === 'OKP') return true
  if (key.kty !== 'RSA' || typeof key.n !== 'string' || typeof key.e !== 'string') return false
  const bits = bitLength(key.n)
  return bits >= 2048 && bits <= 16_384 && bitLength(key.e) >= 2 && isOdd(key.e)
}

/** A text, or the list of texts that `key_ops` is. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((member) => typeof member === 'string'))
}

function bitLength(base64url: string): number {
  const bytes = Buffer.from(base64url, 'base64url')
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
}

function isOdd(base64url: string): boolean {
  return ((Buffer.from(base64url, 'base64url').at(-1) ?? 0) & 1) === 1
}

function publicPart(key: Record<string, unknown>): PublicKey {
  return Object.fromEntries(MEMBERS.filter((name) => Object.hasOwn(key, name)).map((name) => [name, key[name]]))
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => resolve(), { once: true })
  })
}
