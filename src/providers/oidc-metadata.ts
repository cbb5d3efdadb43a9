import { z } from 'zod'
import { isCallable } from './callable.ts'
import { before, jsonObjectOf, type ProviderFetch } from './oidc-fetch.ts'
import { ProviderError } from './provider.ts'

const FRESH_MS = 3_600_000
const RETRY_FIRST_MS = 1000
const RETRY_STALE_MS = 30_000

/** Asymmetric signatures only: with `none` or HS256 whoever knows the public key or nothing at all could sign. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
])

const algorithms = z
  .array(z.string())
  .default(['RS256'])
  .transform((listed) => listed.filter((name) => ALGORITHMS.has(name)))

const document = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  userinfo_endpoint: z.string().optional(),
  end_session_endpoint: z.string().optional(),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
  prompt_values_supported: z.array(z.string()).default([]),
  id_token_signing_alg_values_supported: algorithms.refine((list) => list.length > 0),
  userinfo_signing_alg_values_supported: algorithms,
})

/** What a provider says of itself (OpenID Connect Discovery 1.0), as far as a login needs it. */
export type ProviderMetadata = z.output<typeof document>

/** The provider's metadata, fetched when first needed and kept. */
export interface MetadataCache {
  /** Throws `ProviderError` if there is none yet and none can be had before the signal. */
  get(signal: AbortSignal): Promise<ProviderMetadata>
  /** What is known by now, however old. */
  known(): ProviderMetadata | undefined
}

/**
 * Fresh for an hour; afterwards it goes on serving, for ever if need be, while it is renewed in the background. A first
 * fetch that failed is remembered for a second, so that a provider that is down is not asked by every visitor.
 */
export function metadataCache(options: {
  readonly issuer: string
  readonly call: ProviderFetch
  readonly now: () => number
  readonly allowHttpLocalhost: boolean
  readonly timeoutMs: number
}): MetadataCache {
  const { now } = options
  let current: { readonly metadata: ProviderMetadata; readonly atMs: number } | undefined
  let failure: { readonly error: unknown; readonly atMs: number } | undefined
  let flight: Promise<void> | undefined

  const refresh = () => {
    flight ??= discover(options)
      .then(
        (metadata) => {
          current = { metadata, atMs: now() }
          failure = undefined
        },
        (error: unknown) => {
          failure = { error, atMs: now() }
        },
      )
      .finally(() => {
        flight = undefined
      })
    return flight
  }
  const known = () => current?.metadata
  const hasFailedWithin = (ms: number) => failure !== undefined && Math.abs(now() - failure.atMs) < ms

  return {
    async get(signal) {
      if (current !== undefined) {
        if (Math.abs(now() - current.atMs) >= FRESH_MS && !hasFailedWithin(RETRY_STALE_MS)) void refresh()
        return current.metadata
      }
      if (flight !== undefined || !hasFailedWithin(RETRY_FIRST_MS)) await before(signal, refresh())
      const found = known()
      if (found === undefined) throw failure?.error
      return found
    },
    known,
  }
}

function discover(options: {
  readonly issuer: string
  readonly call: ProviderFetch
  readonly allowHttpLocalhost: boolean
  readonly timeoutMs: number
}): Promise<ProviderMetadata> {
  const address = `${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const signal = AbortSignal.timeout(options.timeoutMs)
  const init = { method: 'GET', headers: { accept: 'application/json' } }
  return options.call('discovery', address, init, signal, async (response) => {
    if (response.status !== 200) throw invalid(`HTTP ${response.status}`)
    return metadataOf(await jsonObjectOf(response, 'discovery'), options)
  })
}

function metadataOf(
  found: Record<string, unknown>,
  { issuer, allowHttpLocalhost }: { readonly issuer: string; readonly allowHttpLocalhost: boolean },
): ProviderMetadata {
  const result = document.safeParse(found)
  if (!result.success) {
    throw invalid(`wrong or missing: ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`)
  }
  const metadata = result.data
  // Not normalised: a tenant that differs by a slash or by letter case is another issuer.
  if (metadata.issuer !== issuer) throw invalid(`it names the issuer ${printable(metadata.issuer)}`)
  for (const name of [
    'authorization_endpoint',
    'token_endpoint',
    'jwks_uri',
    'userinfo_endpoint',
    'end_session_endpoint',
  ] as const) {
    const address = metadata[name]
    if (address !== undefined && !isCallable(address, allowHttpLocalhost)) {
      throw new ProviderError('provider-address-refused', `discovery: ${name} is an address that may not be called`)
    }
  }
  return metadata
}

/** At most 200 printable characters of a text that the provider wrote, for the log. */
export function printable(text: string): string {
  return text
    .slice(0, 800)
    .replace(/[^ -~\p{L}\p{N}\p{P}\p{S}]/gu, ' ')
    .slice(0, 200)
}

function invalid(detail: string): ProviderError {
  return new ProviderError('provider-metadata-invalid', `discovery: ${detail}`)
}
