import { LRUCache } from 'lru-cache'
import { ProviderError } from '../providers/provider.ts'
import type { ProviderReason } from '../providers/reasons.ts'

/** When what has failed may be tried again. */
export interface Backoff {
  /** How long to wait still, in milliseconds; 0: not at all. */
  waitMs(sid: string, provider: string): number
  /** @param provider undefined: it is not the provider's fault */
  failed(sid: string, provider: string | undefined, error: unknown): void
  succeeded(sid: string, provider: string): void
}

interface Pause {
  readonly failures: number
  readonly untilMs: number
}

const FIRST_OF_PROVIDER_MS = 1000
const FIRST_OF_SESSION_MS = 5000
const LONGEST_MS = 60_000
const MAX_SESSIONS = 100_000

/** What concerns one person alone; everything else would meet the next one, too. */
const OF_ONE_PERSON: ReadonlySet<ProviderReason> = new Set([
  'provider-token-invalid',
  'provider-userinfo-invalid',
  'provider-error',
])

/**
 * Pauses that grow from 1 s (a provider) or 5 s (a session) to a minute, jittered, so that neither all sessions nor all
 * replicas come at once when a provider is back.
 */
export function createBackoff({
  now,
  random,
  maxSessions = MAX_SESSIONS,
}: {
  readonly now: () => number
  readonly random: () => number
  /** Most sessions whose failures are remembered. */
  readonly maxSessions?: number | undefined
}): Backoff {
  const sessions = new LRUCache<string, Pause>({ max: maxSessions })
  const providers = new Map<string, Pause>()

  const longer = (before: Pause | undefined, firstMs: number): Pause => {
    const failures = (before?.failures ?? 0) + 1
    const ms = Math.min(LONGEST_MS, firstMs * 2 ** Math.min(failures - 1, 10)) * (0.5 + random() / 2)
    return { failures, untilMs: now() + ms }
  }

  return {
    waitMs: (sid, provider) =>
      Math.max(0, (sessions.get(sid)?.untilMs ?? 0) - now(), (providers.get(provider)?.untilMs ?? 0) - now()),
    failed(sid, provider, error) {
      sessions.set(sid, longer(sessions.get(sid), FIRST_OF_SESSION_MS))
      if (provider === undefined || !(error instanceof ProviderError) || OF_ONE_PERSON.has(error.reason)) return
      const before = providers.get(provider)
      // Those that were under way when it began to fail are one failure together.
      if (before === undefined || now() >= before.untilMs) providers.set(provider, longer(before, FIRST_OF_PROVIDER_MS))
    },
    succeeded(sid, provider) {
      sessions.delete(sid)
      providers.delete(provider)
    },
  }
}
