import type { Address, Destination } from './address.ts'
import type { SentinelWatch } from './sentinel-watch.ts'

/** Finds the server that is to be spoken to. */
export interface Route {
  /** For the next attempt to connect; undefined: not known. */
  next(): Destination | undefined
  /** Why `next` is not known; undefined: it may still come. */
  trouble(): string | undefined
  /** Calls back when `next` or `trouble` has changed, until the function that is returned is called. */
  onChange(changed: () => void): () => void
  /**
   * As of which moment of the clock that never goes back others than the server itself name it the master; infinity where
   * nobody has to; undefined: they do not.
   */
  vouchedAtMs(address: Address): number | undefined
  /** It could not be reached, or is not the one. `error` is what it answered, if it did. */
  missed(error: unknown): void
}

/** To one server, come what may. */
export function fixedRoute(address: Address): Route {
  const destination = { ...address, name: address.host }
  return {
    next: () => destination,
    trouble: () => undefined,
    onChange: () => () => undefined,
    vouchedAtMs: () => Number.POSITIVE_INFINITY,
    missed: () => undefined,
  }
}

/** To whom the Sentinels name. */
export function sentinelRoute(watch: SentinelWatch): Route {
  return {
    next: watch.master,
    trouble: watch.trouble,
    onChange: watch.onChange,
    vouchedAtMs: watch.namedAtMs,
    missed: () => undefined,
  }
}
