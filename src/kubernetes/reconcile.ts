import type { Catalogue } from '../resources/catalogue.ts'
import { objectKey } from '../resources/inventory.ts'
import type { Kind } from '../resources/v1alpha1/index.ts'
import { type ApiResource, apiResources } from './api-resource.ts'
import { labelOf, type Writer } from './apply.ts'
import { OWNED_KINDS, type OwnedKind } from './cluster-view.ts'
import type { Plan, Task } from './controller.ts'
import type { EventContent } from './kube-event.ts'
import type { KubeObject } from './kube-object.ts'
import type { KubernetesSnapshot, ObjectState } from './source.ts'
import { type KubeCondition, statusToWrite, type WiringFindings } from './status.ts'
import { upkeep } from './upkeep.ts'
import type { AnnotationEdit } from './wiring/wiring.ts'

/** What has to be in the cluster. */
export interface Desired {
  readonly objects: readonly KubeObject[]
  /** Objects of ours that stay as they are if they exist. */
  readonly kept: ReadonlySet<string>
  readonly edits: readonly AnnotationEdit[]
  /** What the controller found out about applications, by `namespace/name`. */
  readonly findings: ReadonlyMap<string, WiringFindings>
}

/** The set that is served, and what it was made of. */
export interface Served {
  readonly snapshot: KubernetesSnapshot
  readonly catalogue: Catalogue
}

const RESOURCE_OF_KIND: Readonly<Record<Kind, ApiResource>> = {
  AccessApplication: apiResources.accessApplications,
  AccessPolicy: apiResources.accessPolicies,
  AccessGroup: apiResources.accessGroups,
  IdentityProvider: apiResources.identityProviders,
}

/**
 * The writes that make the cluster what it has to be. First comes what a proxy may be told to ask, then the telling, and
 * what is not wanted goes last, so that at no moment a proxy has nobody to ask and lets everybody in.
 *
 * @param owned what carries our label, by kind
 */
export function writesFor(desired: Desired, owned: (kind: OwnedKind) => readonly KubeObject[], writer: Writer): Plan {
  const applies: Task[] = []
  const removals: Task[] = []
  for (const kind of OWNED_KINDS) {
    const resource = apiResources[kind]
    const ofKind = desired.objects.filter((object) => object.kind === resource.kind)
    const { apply, remove } = upkeep(ofKind, owned(kind))
    for (const object of apply) {
      const run = () => writer.apply(resource, object)
      applies.push({ key: labelOf(object), content: JSON.stringify(object), run })
    }
    for (const object of remove) {
      if (desired.kept.has(labelOf(object))) continue
      removals.push({ key: labelOf(object), run: () => writer.remove(resource, object) })
    }
  }
  const edits = desired.edits.filter(isDue).map(
    (edit): Task => ({
      key: labelOf(edit.target),
      run: () =>
        writer.annotate(edit.target.kind === 'HTTPRoute' ? apiResources.httpRoutes : apiResources.ingresses, edit),
    }),
  )
  return [applies, edits, removals]
}

/** Whether the object does not have yet what it is to have, or still has what is to go. */
function isDue({ target: { metadata }, set, remove }: AnnotationEdit): boolean {
  const { annotations = {} } = metadata
  return (
    Object.entries(set).some(([key, value]) => annotations[key] !== value) ||
    remove.some((key) => Object.hasOwn(annotations, key))
  )
}

/**
 * The statuses that objects do not show yet, and what to tell about them in events.
 *
 * @param live the object as it is now: its status may be younger than what was compiled
 * @param now milliseconds since 1970
 */
export function statusWrites(
  { snapshot, catalogue }: Served,
  findings: Desired['findings'],
  live: (resource: ApiResource, key: string) => KubeObject | undefined,
  writer: Writer,
  now: number,
): { readonly tasks: readonly Task[]; readonly events: readonly EventContent[] } {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
  const tasks: Task[] = []
  const events: EventContent[] = []
  for (const found of catalogue.statuses) {
    const { kind, namespace, name } = found
    const resource = RESOURCE_OF_KIND[kind as Kind]
    const key = objectKey(namespace, name)
    const target = resource === undefined ? undefined : live(resource, key)
    if (target === undefined || !isSame(target, snapshot.metadataOf(kind, namespace, name))) continue
    const { generation = 0 } = target.metadata
    const wiring = kind === 'AccessApplication' ? findings.get(key) : undefined
    const change = statusToWrite(found, { generation, present: target.status, now: time }, wiring)
    if (change === undefined) continue
    const run = () => writer.applyStatus(resource, target, change.status)
    // Without the times, which are other ones at every look.
    const content = JSON.stringify(change.status.conditions.map(({ reason, message }) => [reason, message]))
    tasks.push({ key: `${labelOf(target)} status`, content, run })
    events.push(...eventsOf(target, change.turned))
  }
  return { tasks, events }
}

/** Another object of the name, or another generation of it, gets its status once it has been compiled. */
function isSame({ metadata: { uid, generation } }: KubeObject, compiled: ObjectState | undefined): boolean {
  return uid !== undefined && uid === compiled?.uid && generation === compiled.generation
}

/** What turned. That all is well from the start is no news, nor is what only follows from another condition. */
function eventsOf(about: KubeObject, turned: readonly KubeCondition[]): EventContent[] {
  const isNew = about.status === undefined
  return turned
    .filter(({ status, message }) => (status === 'True' ? !isNew : message !== ''))
    .map(({ type, status, reason, message }) => ({
      about,
      type: status === 'True' ? 'Normal' : 'Warning',
      reason,
      note: message === '' ? `${type} is ${status}` : message,
    }))
}
