import { wireHttpRoutes } from './http-routes.ts'
import { wireIngresses } from './ingresses.ts'
import type { ClusterView, Wiring, WiringSettings } from './wiring.ts'

type Wire = (view: ClusterView, settings: WiringSettings) => Wiring

/** What knows one kind of annotated object each. */
const kinds: readonly Wire[] = [wireIngresses, wireHttpRoutes]

/** What is to be in the cluster so that annotated objects are protected. */
export function wire(view: ClusterView, settings: WiringSettings): Wiring {
  const parts = kinds.map((one) => one(view, settings))
  return {
    objects: parts.flatMap(({ objects }) => objects),
    edits: parts.flatMap(({ edits }) => edits),
    findings: merged(
      parts.map(({ findings }) => findings),
      (one, other) => [...one, ...other],
    ),
    notes: merged(
      parts.map(({ notes }) => notes),
      (one, other) => `${one} ${other}`,
    ),
    problems: parts.flatMap(({ problems }) => problems),
  }
}

function merged<Value>(
  maps: readonly ReadonlyMap<string, Value>[],
  join: (one: Value, other: Value) => Value,
): Map<string, Value> {
  const all = new Map<string, Value>()
  for (const [key, value] of maps.flatMap((map) => [...map])) {
    const there = all.get(key)
    all.set(key, there === undefined ? value : join(there, value))
  }
  return all
}
