/** Chance that comes out the same each time for one seed. */
export interface Random {
  /** From 0 up to but not including 1. */
  next(): number
  /** From `min` up to but not including `max`. */
  between(min: number, max: number): number
  /** A whole number from 0 up to but not including `count`. */
  index(count: number): number
  pick<Item>(items: readonly Item[]): Item
  /** True with a probability from 0 to 1. */
  chance(probability: number): boolean
  /** A source of its own: how much one of them is used does not change what the other gives. */
  fork(): Random
}

/** Sebastiano Vigna's splitmix construction in 32 bits, after Guy Steele and others. @param seed a whole number */
export function createRandom(seed: number): Random {
  let state = seed | 0

  function bits(): number {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }

  const next = () => bits() / 2 ** 32
  const index = (count: number) => Math.floor(next() * count)
  return {
    next,
    index,
    between: (min, max) => min + next() * (max - min),
    pick(items) {
      const item = items[index(items.length)]
      if (item === undefined) throw new RangeError('there is nothing to pick from')
      return item
    },
    chance: (probability) => next() < probability,
    fork: () => createRandom(bits()),
  }
}
