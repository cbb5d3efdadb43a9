/** Keys from the top of the configuration down to one value. */
export type Path = readonly string[]

/** Plain data as YAML gives it. */
export type Tree = Record<string, unknown>

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path; undefined if there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)]
    else if (isTree(value) && Object.hasOwn(value, key)) value = value[key]
    else return undefined
  }
  return value
}

/** Sets the value at a path, making objects on the way. Where something else than an object is in the way nothing happens. */
export function setValueAt(tree: Tree, path: Path, value: unknown): void {
  let parent = tree
  for (const key of path.slice(0, -1)) {
    parent[key] ??= {}
    const next = parent[key]
    if (!isTree(next)) return
    parent = next
  }
  const last = path.at(-1)
  if (last !== undefined) parent[last] = value
}

/** Takes the value at a path away. */
export function removeValueAt(tree: Tree, path: Path): void {
  const parent = valueAt(tree, path.slice(0, -1))
  const last = path.at(-1)
  if (isTree(parent) && last !== undefined) delete parent[last]
}
