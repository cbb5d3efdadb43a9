import type { KeyRing } from '../tokens/key-ring.ts'
import { open, seal } from '../tokens/seal.ts'
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

/** Whether the identity may not be believed any longer until the provider has confirmed it. */
export function isOverdue(
  session: { readonly refresh: RefreshTimes | undefined },
  now: number,
  settings: RefreshSettings,
): boolean {
  return settings.isEnabled && session.refresh !== undefined && now >= session.refresh.confirmedAtMs + settings.boundMs
}

/** Seals a refresh token for as long as its session can live. */
export function sealRefreshToken(ring: KeyRing, token: string, expiresAtMs: number): Promise<string> {
  return seal(ring, 'refresh-token', token, expiresAtMs)
}

/** The token, or undefined if it cannot be opened any more. */
export async function openRefreshToken(
  ring: KeyRing,
  { sealedToken }: SessionRefresh,
  now: number,
): Promise<string | undefined> {
  const token = await open(ring, 'refresh-token', sealedToken, now)
  return typeof token === 'string' ? token : undefined
}
