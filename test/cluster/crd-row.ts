import type { manifest } from '../resources/world.ts'

/** An object, and what is special about it. */
export type Row = readonly [title: string, object: ReturnType<typeof manifest>]

export const everyone = { everyone: {} }

export function many<Item>(count: number, item: (at: number) => Item): Item[] {
  return Array.from({ length: count }, (_, at) => item(at))
}

/** A row for each value, in the field that is meant. */
export function each(field: string, values: readonly unknown[], make: (value: unknown) => Row[1]): Row[] {
  return values.map((value) => [`${field} ${JSON.stringify(value)?.slice(0, 60)}`, make(value)])
}
