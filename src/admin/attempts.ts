import { LRUCache } from 'lru-cache'

/** Wrong credentials that an address may have tried before it has to wait. */
const BURST = 10
/** After how long one of them is forgotten. */
const FORGIVEN_MS = 6_000
const MAX_ADDRESSES = 1_000

/** Slows those down who guess. Addresses beyond the thousand last seen are forgotten, so that memory is bounded. */
export interface Attempts {
  /** Milliseconds for which further failures of the address are not looked into; 0: they are. */
  waitMs(address: string): number
  /** The address has tried a wrong credential. */
  failed(address: string): void
}

/**
 * Counts wrong credentials by address. IPv6 addresses of one /64 count as one, since whoever has one has all of them.
 *
 * @param monotonicMs a clock that never goes back
 */
export function createAttempts(monotonicMs: () => number): Attempts {
  /** By address: the moment at which all of its failures will be forgotten. */
  const clearAtMs = new LRUCache<string, number>({ max: MAX_ADDRESSES })
  return {
    waitMs(address) {
      const clearMs = (clearAtMs.get(networkOf(address)) ?? 0) - monotonicMs()
      return Math.max(0, Math.ceil(clearMs - (BURST - 1) * FORGIVEN_MS))
    },
    failed(address) {
      const network = networkOf(address)
      clearAtMs.set(network, Math.max(clearAtMs.get(network) ?? 0, monotonicMs()) + FORGIVEN_MS)
    },
  }
}

function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - groups.length - after.length }, () => '0')
  return [...groups, ...zeros, ...after].slice(0, 4).join(':')
}
