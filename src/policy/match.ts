import type { Application } from './application.ts'
import { wildcardOf } from './host.ts'
import { isBelow } from './path.ts'
import type { HostEntry, PolicySet } from './policy-set.ts'

/**
 * Finds the application that decides about a host and path: the exact host before its one-label wildcard, and there the
 * longest path prefix by whole segments. Nothing is inherited from a less specific one.
 */
export function match(set: PolicySet, host: string, path: string): Application | undefined {
  const exact = longestPrefix(set.hosts.get(host), path)
  if (exact !== undefined) return exact
  const wildcard = wildcardOf(host)
  return wildcard === undefined ? undefined : longestPrefix(set.hosts.get(wildcard), path)
}

/** Whether any application has a destination on this host. */
export function isKnownHost(set: PolicySet, host: string): boolean {
  const wildcard = wildcardOf(host)
  return set.hosts.has(host) || (wildcard !== undefined && set.hosts.has(wildcard))
}

function longestPrefix(entries: readonly HostEntry[] | undefined, path: string): Application | undefined {
  if (entries === undefined) return undefined
  for (const entry of entries) if (isBelow(path, entry.path)) return entry.application
  return undefined
}
