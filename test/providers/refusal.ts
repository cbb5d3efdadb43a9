import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { OPERATION_TIMEOUT_MS } from '../../src/providers/oidc.ts'
import { ProviderError } from '../../src/providers/provider.ts'
import type { ProviderReason } from '../../src/providers/reasons.ts'
import { endsWithin } from '../parts/ending.ts'
import { type Mischief, startHostileProvider } from '../parts/hostile-provider.ts'
import { attempt, providerFor, settingsFor } from './setting-up.ts'

/** One way in which a provider misbehaves, and what is to come of it. */
export interface Row {
  readonly title: string
  readonly mischief: Mischief
  readonly reason: ProviderReason
  /** True if the provider must not even be sent the code. */
  readonly keepsCode?: boolean
}

/** Changes claims of the ID token. */
export const claims = (change: Record<string, unknown>): Mischief => ({ claims: (all) => ({ ...all, ...change }) })

/** The failure that the provider is to blame for; any other error is rethrown. */
export async function failureOf(work: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await work.then(
    () => expect.unreachable('it was accepted'),
    (failure: unknown) => failure,
  )
  if (!(error instanceof ProviderError)) throw error
  return error
}

/** How long an operation may take: what is to run out of time does so soon; what comes may take its time on a busy machine. */
export function patienceMs(reason: ProviderReason): number {
  return reason === 'provider-unreachable' ? 900 : OPERATION_TIMEOUT_MS
}

/** Each row is refused with its reason within the operation's time, and the failure tells a log nothing secret. */
export function refuses(rows: readonly Row[]): void {
  test.each(rows)('for $title', async ({ mischief, reason, keepsCode = false }) => {
    await using hostile = await startHostileProvider(mischief)
    const timeoutMs = patienceMs(reason)
    const { provider } = providerFor(settingsFor(hostile.issuer), timeoutMs)
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    const login = provider.complete(attempt, callback)
    expect(await endsWithin(timeoutMs + 1000, login)).toBe(true)
    const failure = await failureOf(login)
    expect(failure.reason).toBe(reason)
    expect(failure.message.length).toBeLessThan(400)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(failure.message).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(inspect(failure, { depth: 9 })).not.toMatch(/eyJ|the-nonce|correct horse|ada@/)
    if (keepsCode) expect(hostile.calls.token).toBe(0)
  })
}
