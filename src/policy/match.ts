import type { Application } from './application.ts'
import { wildcardOf } from './host.ts'
import { foldPath, isBelow } from './path.ts'
import type { HostEntries, PolicySet } from './policy-set.ts'

/**
 * Finds the application that decides about a host and path: the exact host before its one-label wildcard, and there the
 * longest path prefix by whole segments. Nothing is inherited from a less specific one. A path that another application
 * would cover if letter case, escapes, or dots and spaces at the end of a segment did not count is ambiguous: the app
 * behind the proxy may read it so, and then another application's policies were the right ones.
 *
 * @param host in the form of `canonicalHost`
 * @param path one that `readTarget` has accepted
 * @returns undefined if no application covers it
 */
export function match(set: PolicySet, host: string, path: string): Application | 'request-path-ambiguous' | undefined {
  const onHost = set.hosts.get(host)
  const whole = onHost?.size === 1 ? onHost.get('') : undefined
  if (whole !== undefined) return whole.application
  const folded = foldPath(path)
  const start = folded.length > set.longestKey ? folded.lastIndexOf('/', set.longestKey) : folded.length
  const exact = longestPrefix(onHost, path, folded, start)
  if (exact !== undefined) return exact
  const wildcard = set.hostsApart.has(host) ? undefined : wildcardOf(host)
  return wildcard === undefined ? undefined : longestPrefix(set.hosts.get(wildcard), path, folded, start)
}

/** Whether any application has a destination on this host. */
export function isKnownHost(set: PolicySet, host: string): boolean {
  const wildcard = set.hostsApart.has(host) ? undefined : wildcardOf(host)
  return set.hosts.has(host) || (wildcard !== undefined && set.hosts.has(wildcard))
}

/**
 * Walks up to the root from where the longest entry could end: the time does not grow with the number of entries, nor does
 * a path of 60 kB with a slash at every other byte cost more than a short one.
 */
function longestPrefix(
  entries: HostEntries | undefined,
  path: string,
  folded: string,
  start: number,
): Application | 'request-path-ambiguous' | undefined {
  if (entries === undefined) return undefined
  let loosest: Application | undefined
  for (let end = start; end >= 0; end = folded.lastIndexOf('/', end - 1)) {
    const entry = entries.get(folded.slice(0, end))
    if (entry !== undefined) {
      loosest ??= entry.application
      if (isBelow(path, entry.path)) return entry.application === loosest ? loosest : 'request-path-ambiguous'
    }
    if (end === 0) break
  }
  return loosest === undefined ? undefined : 'request-path-ambiguous'
}
