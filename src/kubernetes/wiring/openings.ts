import { isBelow } from '../../policy/path.ts'

/** What somebody publishes: on which hosts, and under which keys of paths. */
export interface Openings<Publisher> {
  readonly add: (host: string, key: string, publisher: Publisher) => void
  /** Who publishes what the key covers, or part of it. */
  readonly within: (host: string, key: string) => readonly Publisher[]
  /** Who publishes what lies around the key. */
  readonly around: (host: string, key: string) => readonly Publisher[]
}

/** Looked at for one key; more would tell an author nothing new, and take time from everybody else's. */
const MOST = 32
/** Sorts before whatever a path may hold, so that a path comes right before all that lie below it. */
const BEFORE_ALL = '\0'

interface OnHost<Publisher> {
  readonly publishers: Map<string, Publisher[]>
  /** The keys in order, each with slashes replaced, and the short ones first; made when they are asked for. */
  sorted: readonly string[] | undefined
  shortest: readonly string[] | undefined
}

/**
 * Finds quickly who publishes what of a host, however many others publish something else of it: nobody can be hidden by
 * a crowd.
 */
export function createOpenings<Publisher>(): Openings<Publisher> {
  const hosts = new Map<string, OnHost<Publisher>>()

  function take(all: Iterable<string>, { publishers }: OnHost<Publisher>): readonly Publisher[] {
    const found: Publisher[] = []
    for (const key of all) {
      found.push(...(publishers.get(key) ?? []).slice(0, MOST - found.length))
      if (found.length === MOST) break
    }
    return found
  }

  return {
    add(host, key, publisher) {
      const there: OnHost<Publisher> = hosts.get(host) ?? {
        publishers: new Map(),
        sorted: undefined,
        shortest: undefined,
      }
      hosts.set(host, there)
      const publishers = there.publishers.get(key)
      if (publishers === undefined) there.publishers.set(key, [publisher])
      else if (publishers.length < MOST) publishers.push(publisher)
      there.sorted = undefined
      there.shortest = undefined
    },
    within(host, key) {
      const there = hosts.get(host)
      if (there === undefined) return []
      there.sorted ??= [...there.publishers.keys()].map(sortable).sort()
      return take(below(there.sorted, sortable(key)), there)
    },
    around(host, key) {
      const there = hosts.get(host)
      if (there === undefined || key === '') return []
      there.shortest ??= [...there.publishers.keys()].sort((one, other) => one.length - other.length).slice(0, MOST)
      return take(
        there.shortest.filter((one) => one !== key && isBelow(key, one)),
        there,
      )
    },
  }
}

function* below(sorted: readonly string[], key: string): Generator<string> {
  let [start, end] = [0, sorted.length]
  while (start < end) {
    const middle = (start + end) >> 1
    if ((sorted[middle] ?? '') < key) start = middle + 1
    else end = middle
  }
  for (let index = start; index < sorted.length; index += 1) {
    const one = sorted[index] ?? ''
    if (one !== key && !one.startsWith(`${key}${BEFORE_ALL}`)) return
    yield one.replaceAll(BEFORE_ALL, '/')
  }
}

function sortable(key: string): string {
  return key.replaceAll('/', BEFORE_ALL)
}
