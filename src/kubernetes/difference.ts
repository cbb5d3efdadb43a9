import { isRecord } from '../resources/raw-value.ts'
import type { KubeObject } from './kube-object.ts'

/** Kinds whose spec others may add to: what is ours in it is what counts, and the server fills in defaults. */
const SHARED: ReadonlySet<string> = new Set(['AccessApplication', 'HTTPRoute'])

/**
 * Whether an object of ours is not as it has to be: a label, an annotation, the owner or the spec. What others add to its
 * metadata is left to them; what they add to its spec counts, but for kinds that are meant to be added to.
 */
export function differs(desired: KubeObject, observed: KubeObject): boolean {
  const { labels, annotations, ownerReferences = [] } = desired.metadata
  return (
    !contains(observed.metadata.labels ?? {}, labels ?? {}) ||
    !contains(observed.metadata.annotations ?? {}, annotations ?? {}) ||
    !ownerReferences.every((owner) => observed.metadata.ownerReferences?.some((other) => contains(other, owner))) ||
    !contains(observed.spec, desired.spec) ||
    (!SHARED.has(desired.kind) && !contains(desired.spec, observed.spec))
  )
}

/** The spec that an object of ours gets in place of the one it has. */
export function replacedSpec(desired: KubeObject, observed: KubeObject): unknown {
  if (!SHARED.has(desired.kind) || !isRecord(desired.spec) || !isRecord(observed.spec)) return desired.spec
  return { ...observed.spec, ...desired.spec }
}

/** Whether everything that is wanted is there: maps may hold more, lists may not. */
export function contains(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(there) &&
      there.length === wanted.length &&
      wanted.every((item, index) => contains(there[index], item))
    )
  }
  if (!isRecord(wanted)) return there === wanted
  return isRecord(there) && Object.entries(wanted).every(([key, value]) => contains(there[key], value))
}
