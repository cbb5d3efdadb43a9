import type { Sealer } from '../tokens/seal.ts'
import type { RefreshTimes, SessionRefresh } from './session.ts'

/** `sessions.refresh` of the configuration. */
export interface RefreshSettings {
  /** Whether providers are asked again at all. */
  readonly isEnabled: boolean
  /** The longest time between two refreshes, in milliseconds. */
  readonly intervalMs: number
  /** How long an identity counts since the provider last vouched for it, in milliseconds. */
  readonly boundMs: number
}

/** Whatever a provider says of its access tokens: it is not asked more often. */
const LEAST_MS = 60_000

/**
 * When to ask the provider again: after 70 to 90 % of the access token's life or of the longest interval, whichever is
 * shorter, so that sessions that began together do not all come at once.
 *
 * @param expiresAtMs when the access token ends; undefined if the provider does not say
 * @param random from 0 up to but not including 1
 */
export function dueAt(
  now: number,
  expiresAtMs: number | undefined,
  random: number,
  { intervalMs }: RefreshSettings,
): number {
  const life = Math.min(expiresAtMs === undefined ? intervalMs : expiresAtMs - now, intervalMs)
  return now + Math.max(LEAST_MS, life) * (0.7 + 0.2 * random)
}

/** Whether the provider has to be asked again. */
export function isDue(session: { readonly refresh: RefreshTimes | undefined }, now: number): boolean {
  return session.refresh !== undefined && now >= session.refresh.dueAtMs
}

/** Until when the identity may be believed unless the provider confirms it again. */
export function believedUntilMs(refresh: RefreshTimes | undefined, boundMs: number): number {
  return refresh === undefined ? Number.POSITIVE_INFINITY : refresh.confirmedAtMs + boundMs
}

/** Seals a refresh token for as long as its session can live. */
export function sealRefreshToken(sealer: Sealer, token: string, expiresAtMs: number): Promise<string> {
  return sealer.seal('refresh-token', token, expiresAtMs)
}

/** The token, or undefined if it cannot be opened any more. */
export async function openRefreshToken(
  sealer: Sealer,
  { sealedToken }: SessionRefresh,
  now: number,
): Promise<string | undefined> {
  const token = await sealer.open('refresh-token', sealedToken, now)
  return typeof token === 'string' ? token : undefined
}
