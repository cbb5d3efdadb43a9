import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'

/** What an origin finds in the header `Gatehouse-Jwt-Assertion`. */
export type Verified = { readonly claims: JWTPayload } | { readonly problem: string }

/** Verifies what came with a request. */
export type Verify = (assertion: string | undefined) => Promise<Verified>

/**
 * Makes what an origin needs to know that a request came through Gatehouse: signature, issuer, audience, times and type of
 * the assertion. Where the auth host's name resolves, jose's `createRemoteJWKSet` does all of the fetching; see examples/.
 *
 * @param settings.readKeys answers the JSON of `/.well-known/jwks.json` on the auth host; called until it succeeds
 */
export function createVerify(settings: {
  readonly issuer: string
  readonly audience: string
  readonly readKeys: () => Promise<unknown>
}): Verify {
  const { issuer, audience } = settings
  let keys: Promise<ReturnType<typeof createLocalJWKSet>> | undefined

  async function readKeys() {
    try {
      return createLocalJWKSet((await settings.readKeys()) as JSONWebKeySet)
    } catch (error) {
      keys = undefined
      throw error
    }
  }

  return async (assertion) => {
    if (assertion === undefined || assertion === '') return { problem: 'there is no assertion' }
    try {
      keys ??= readKeys()
      const { payload } = await jwtVerify(assertion, await keys, { issuer, audience })
      if (payload.type !== 'assertion') return { problem: `it is a token of type ${String(payload.type)}` }
      return { claims: payload }
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) }
    }
  }
}
