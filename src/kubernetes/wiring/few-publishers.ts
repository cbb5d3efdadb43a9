import type { Flaw } from '../../resources/status.ts'

/** What is told of those who publish something that is protected: a few of them. */
export interface FewPublishers {
  readonly add: (publisher: { readonly name: string; readonly isForeign: boolean }, flawOf: () => Flaw) => void
  readonly flaws: () => Flaw[]
}

const MOST_NAMED = 3

/**
 * Keeps the first ones. All of other namespaces count as one, which no names are told of, and it comes first: what an author
 * publishes oneself may be meant to be open, and must not hide what is not.
 */
export function createFewPublishers(): FewPublishers {
  const own = new Map<string, Flaw>()
  let foreign: Flaw | undefined
  return {
    add({ name, isForeign }, flawOf) {
      if (isForeign) foreign ??= flawOf()
      else if (own.size < MOST_NAMED && !own.has(name)) own.set(name, flawOf())
    },
    flaws: () => [...(foreign === undefined ? [] : [foreign]), ...own.values()].slice(0, MOST_NAMED),
  }
}
