import { isHostPattern } from '../policy/host.ts'
import { compareText } from '../resources/age.ts'
import { namespaceName } from '../resources/v1alpha1/names.ts'

/** A host whose first claim the leader has written down. */
export interface RecordedHost {
  readonly host: string
  readonly namespace: string
  /** Since when no application of the namespace claims the host, in milliseconds; undefined: one does. */
  readonly unclaimedSince: number | undefined
}

/** A line that was not taken as it stands, counted from 1, for whoever edited it by hand. */
export interface LineProblem {
  readonly line: number
  readonly problem: string
}

/** Longest record that is written: the API server takes 1 MiB of a ConfigMap with all its metadata. */
export const MOST_RECORD_BYTES = 900 * 1024

/**
 * Reads the record of first claims: a line each of `host namespace`, and when nobody claims it the moment since when
 * (RFC 3339). Empty lines and those that begin with `#` are left out. A line that cannot be read is no claim; of doubled
 * hosts the first counts; a moment that cannot be read is left out, since the claim itself is beyond doubt.
 *
 * @param text undefined: there is no record yet
 */
export function parseHostClaims(text: string | undefined): {
  readonly claims: readonly RecordedHost[]
  readonly problems: readonly LineProblem[]
} {
  const claims = new Map<string, RecordedHost>()
  const problems: LineProblem[] = []
  for (const [index, line] of (text ?? '').split('\n').entries()) {
    const words = line.split(/\s+/).filter((word) => word !== '')
    if (words[0] === undefined || words[0].startsWith('#')) continue
    const report = (problem: string) => problems.push({ line: index + 1, problem })
    const [host, namespace = '', moment] = words
    const unclaimedSince = moment === undefined ? undefined : Date.parse(moment)
    if (words.length > 3 || !isHostPattern(host) || !namespaceName.safeParse(namespace).success) {
      report('expected a host, a namespace, and at most the time since when nobody claims the host')
    } else if (claims.has(host)) {
      report(`${host} stands above already, and that line counts`)
    } else {
      const isReadable = unclaimedSince === undefined || !Number.isNaN(unclaimedSince)
      if (!isReadable) report('expected a time such as 2026-01-31T12:00:00Z')
      claims.set(host, { host, namespace, unclaimedSince: isReadable ? unclaimedSince : undefined })
    }
  }
  return { claims: [...claims.values()], problems }
}

/**
 * Writes the record that `parseHostClaims` reads, by host.
 *
 * @returns `isTooLarge` if no ConfigMap holds the text: it must not be written, and what it would have added is not known
 * to other replicas
 */
export function formatHostClaims(claims: readonly RecordedHost[]): {
  readonly text: string
  readonly bytes: number
  readonly isTooLarge: boolean
} {
  const lines = claims.toSorted((left, right) => compareText(left.host, right.host)).map(lineOf)
  const text = lines.join('')
  // Hosts and namespaces are ASCII.
  return { text, bytes: text.length, isTooLarge: text.length > MOST_RECORD_BYTES }
}

function lineOf({ host, namespace, unclaimedSince }: RecordedHost): string {
  const moment = unclaimedSince === undefined ? '' : ` ${new Date(unclaimedSince).toISOString()}`
  return `${host} ${namespace}${moment}\n`
}
