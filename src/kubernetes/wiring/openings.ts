/** What somebody publishes: on which hosts, and under which keys of paths. */
export interface Openings<Publisher> {
  readonly add: (host: string, key: string, publisher: Publisher) => void
  /** Who publishes what the key covers, or part of it. */
  readonly within: (host: string, key: string) => readonly Publisher[]
  /** Who publishes what lies around the key. */
  readonly around: (host: string, key: string) => readonly Publisher[]
}

/** Looked at for one key; more would take time from everybody else's. Many of them may be the author's own. */
const MOST = 256
/** A path has hardly more segments; around one that has, the outermost count. */
const DEEPEST = 32
/** Sorts before whatever a path may hold, so that a path comes right before all that lie below it. */
const BEFORE_ALL = '\0'

interface OnHost<Publisher> {
  readonly publishers: Map<string, Publisher[]>
  /** The keys in order, each with slashes replaced; made when they are asked for. */
  sorted: readonly string[] | undefined
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
      const there: OnHost<Publisher> = hosts.get(host) ?? { publishers: new Map(), sorted: undefined }
      hosts.set(host, there)
      const publishers = there.publishers.get(key)
      if (publishers === undefined) there.publishers.set(key, [publisher])
      else if (publishers.length < MOST) publishers.push(publisher)
      there.sorted = undefined
    },
    within(host, key) {
      const there = hosts.get(host)
      if (there === undefined) return []
      there.sorted ??= [...there.publishers.keys()].map(sortable).sort()
      return take(below(there.sorted, sortable(key)), there)
    },
    around(host, key) {
      const there = hosts.get(host)
      return there === undefined ? [] : take(above(key), there)
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

/** Keys that lie around, from the outermost on. */
function* above(key: string): Generator<string> {
  let end = key.indexOf('/')
  for (let depth = 0; end !== -1 && depth < DEEPEST; depth += 1) {
    yield key.slice(0, end)
    end = key.indexOf('/', end + 1)
  }
}

function sortable(key: string): string {
  return key.replaceAll('/', BEFORE_ALL)
}
