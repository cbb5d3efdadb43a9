import { fieldOf, listOf, valueAt } from '../../resources/raw-value.ts'
import type { KubeObject } from '../kube-object.ts'
import { type ParentRef, parentKey, readParentRef } from './http-route-spec.ts'

/** What one controller says of one parent of an HTTPRoute. */
export interface ParentStatus {
  readonly parent: ParentRef
  readonly controller: string
  /** Whether it speaks of the route as it is now. */
  readonly isCurrent: boolean
  readonly isAccepted: boolean
  /** Why not, or what is wrong in spite of it; undefined while nothing is, or while nothing is said. */
  readonly trouble: { readonly reason: string; readonly message: string } | undefined
}

/** Not a word about whether the route may be there: the listener serves other hosts, or the parent is another controller's. */
const ELSEWHERE: ReadonlySet<string> = new Set(['NoMatchingListenerHostname', 'NoMatchingParent'])

/** Reads what controllers say of an HTTPRoute. Never throws. */
export function parentStatuses(route: KubeObject): ParentStatus[] {
  const parents = valueAt(route, ['status', 'parents'])
  return listOf(parents).flatMap((entry: unknown) => {
    const parent = readParentRef(fieldOf(entry, 'parentRef'), route)
    const controller = fieldOf(entry, 'controllerName')
    if (parent === undefined || typeof controller !== 'string' || controller === '') return []
    const accepted = conditionOf(entry, 'Accepted')
    const unsound = [accepted, conditionOf(entry, 'ResolvedRefs')].find((one) => fieldOf(one, 'status') === 'False')
    return {
      parent,
      controller,
      isCurrent: isCurrent(accepted, route),
      isAccepted: fieldOf(accepted, 'status') === 'True',
      trouble: unsound === undefined ? undefined : troubleOf(unsound),
    }
  })
}

/**
 * The controllers that serve an HTTPRoute, or would: `traefik.io/gateway-controller`. A controller that only says that a
 * parent is not its own is none of them.
 */
export function gatewayControllersOf(route: KubeObject): string[] {
  const serving = parentStatuses(route).filter(({ trouble }) => trouble?.reason !== 'NoMatchingParent')
  return [...new Set(serving.map(({ controller }) => controller))].sort()
}

/** Parents that do not take the route although they are to. Empty as long as one does and others serve other hosts. */
export function refusals(route: KubeObject, wanted: readonly ParentRef[]): ParentStatus[] {
  const keys = new Set(wanted.map(parentKey))
  const all = parentStatuses(route).filter((one) => one.isCurrent && keys.has(parentKey(one.parent)))
  const refused = all.filter(({ trouble }) => trouble !== undefined)
  return all.some(({ isAccepted }) => isAccepted)
    ? refused.filter(({ trouble }) => !ELSEWHERE.has(trouble?.reason ?? ''))
    : refused
}

function conditionOf(entry: unknown, type: string): unknown {
  const conditions = fieldOf(entry, 'conditions')
  return listOf(conditions).find((one: unknown) => fieldOf(one, 'type') === type)
}

function isCurrent(condition: unknown, { metadata: { generation } }: KubeObject): boolean {
  const seen = fieldOf(condition, 'observedGeneration')
  return typeof seen !== 'number' || generation === undefined || seen >= generation
}

function troubleOf(condition: unknown): { readonly reason: string; readonly message: string } {
  const [reason, message] = [fieldOf(condition, 'reason'), fieldOf(condition, 'message')]
  return { reason: typeof reason === 'string' ? reason : '', message: typeof message === 'string' ? message : '' }
}
