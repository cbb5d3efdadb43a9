import type { Rule, RuleContext } from '../policy/rule.ts'
import { type RuleSet, verdictOf } from '../policy/rule-set.ts'
import type { Entry, EntryOf } from './inventory.ts'
import { type Reference, resolveReference } from './references.ts'
import { compileRules, countRules, groupReferences, needsIdentity, unresolvedGroup } from './rule-list.ts'
import type { Flaw } from './status.ts'

const DEEPEST = 16
const MOST_RULES = 1000

/** A group after compilation: its rules, or why it has none. */
export type CompiledGroup = ResolvedGroup | UnresolvedGroup

export interface ResolvedGroup {
  readonly rules: RuleSet
  readonly needsIdentity: boolean
  readonly depth: number
  /** Rules tested at most when the group is, those of nested groups included. */
  readonly size: number
}

export interface UnresolvedGroup {
  readonly flaws: readonly Flaw[]
}

/** The groups as rules may refer to them. */
export interface Groups {
  readonly compiled: ReadonlyMap<string, CompiledGroup>
  /** For the rules of an object in this namespace. */
  readonly contextOf: (namespace: string) => RuleContext
  /** What is wrong with the references of an object in this namespace. */
  readonly flawsOf: (references: readonly Reference[], namespace: string) => Flaw[]
}

/**
 * Compiles groups, those without references first. A group resolves only if everything it refers to does, so that no
 * object can be removed or broken to the effect that another group begins to hold: what is left when no further group can
 * be settled is a cycle, or hangs on one.
 */
export function compileGroups(entries: ReadonlyMap<string, EntryOf<'AccessGroup'>>, systemNamespace: string): Groups {
  const compiled = new Map<string, CompiledGroup>()
  const groups = groupsIn(compiled, systemNamespace)
  const { waiting, dependents } = dependencies(entries, systemNamespace)
  const ready = [...waiting].filter(([, count]) => count === 0).map(([key]) => key)
  for (let key = ready.pop(); key !== undefined; key = ready.pop()) {
    compiled.set(key, compileGroup(entries.get(key), groups, compiled, systemNamespace))
    for (const dependent of dependents.get(key) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1
      waiting.set(dependent, left)
      if (left === 0) ready.push(dependent)
    }
  }
  for (const key of entries.keys()) {
    if (compiled.has(key)) continue
    compiled.set(key, unresolved('GroupCycle', `${key} refers to itself, or to a group that does`))
  }
  return groups
}

/** How many existing groups each group waits for, and who waits for it. */
function dependencies(entries: ReadonlyMap<string, EntryOf<'AccessGroup'>>, systemNamespace: string) {
  const waiting = new Map<string, number>()
  const dependents = new Map<string, string[]>()
  for (const [key, { object }] of entries) {
    const found = object === undefined ? [] : groupReferences(object.spec)
    const targets = new Set<string>()
    for (const reference of found) {
      const target = resolveReference(reference, object?.metadata.namespace ?? '', systemNamespace)
      if ('key' in target && entries.has(target.key)) targets.add(target.key)
    }
    waiting.set(key, targets.size)
    for (const target of targets) {
      const list = dependents.get(target)
      if (list === undefined) dependents.set(target, [key])
      else list.push(key)
    }
  }
  return { waiting, dependents }
}

function compileGroup(
  entry: EntryOf<'AccessGroup'> | undefined,
  groups: Groups,
  compiled: ReadonlyMap<string, CompiledGroup>,
  systemNamespace: string,
): CompiledGroup {
  if (entry?.object === undefined) return unresolved('GroupBroken', `${labelOf(entry)} is not valid`)
  const { spec, metadata } = entry.object
  const references = groupReferences(spec)
  const flaws = groups.flawsOf(references, metadata.namespace)
  if (flaws.length > 0) return { flaws }

  let depth = 1
  let size = countRules(spec)
  for (const reference of references) {
    const target = resolveReference(reference, metadata.namespace, systemNamespace)
    const group = 'key' in target ? compiled.get(target.key) : undefined
    if (group === undefined || 'flaws' in group) continue
    depth = Math.max(depth, group.depth + 1)
    size += group.size
  }
  if (depth > DEEPEST || size > MOST_RULES) {
    return unresolved('GroupTooLarge', `${labelOf(entry)} nests ${depth} deep and comes to ${size} rules`)
  }
  const rules = compileRules(spec, groups.contextOf(metadata.namespace))
  return { rules, needsIdentity: needsIdentity(rules), depth, size }
}

function groupsIn(compiled: ReadonlyMap<string, CompiledGroup>, systemNamespace: string): Groups {
  return {
    compiled,
    contextOf: (namespace) => ({
      accessGroup(reference) {
        const target = resolveReference(reference, namespace, systemNamespace)
        const group = 'key' in target ? compiled.get(target.key) : undefined
        return { kind: 'accessGroup', setting: reference, ...testOf(group) }
      },
    }),
    flawsOf: (references, namespace) =>
      references.flatMap((reference) => {
        const target = resolveReference(reference, namespace, systemNamespace)
        if (!('key' in target)) return [target]
        const group = compiled.get(target.key)
        if (group === undefined)
          return [{ reason: 'GroupNotFound' as const, message: `there is no group ${target.key}` }]
        if (!('flaws' in group)) return []
        const [cause] = group.flaws
        const reason =
          cause?.reason === 'GroupCycle' || cause?.reason === 'GroupTooLarge' ? cause.reason : 'GroupBroken'
        return [{ reason, message: `the group ${target.key} does not resolve` }]
      }),
  }
}

function testOf(group: CompiledGroup | undefined): Pick<Rule, 'needsIdentity' | 'test'> {
  if (group === undefined || 'flaws' in group) return unresolvedGroup
  return { needsIdentity: group.needsIdentity, test: (input) => verdictOf(group.rules, input) }
}

function unresolved(reason: Flaw['reason'], message: string): UnresolvedGroup {
  return { flaws: [{ reason, message }] }
}

function labelOf(entry: Entry | undefined): string {
  return entry === undefined ? 'the group' : `${entry.namespace ?? ''}/${entry.name}`
}
