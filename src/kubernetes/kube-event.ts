import { createHash } from 'node:crypto'
import { apiResources, apiVersionOf } from './api-resource.ts'
import type { KubeObject } from './kube-object.ts'

/** What an event says about an object. */
export interface EventContent {
  readonly about: KubeObject
  readonly type: 'Normal' | 'Warning'
  /** A reason of conditions. */
  readonly reason: string
  readonly note: string
}

export const REPORTING_CONTROLLER = 'access.gatehouse.dev/controller'

const LONGEST_NOTE = 1024
const LONGEST_NAME = 200

/**
 * An event (events.k8s.io/v1). Its name follows from what it says, so that the same one cannot stand there twice: the
 * server keeps an event for an hour.
 *
 * @param options.now milliseconds since 1970
 */
export function kubeEvent(
  { about, type, reason, note }: EventContent,
  { now, instance }: { readonly now: number; readonly instance: string },
): KubeObject {
  const { name, namespace, uid, resourceVersion } = about.metadata
  const said = createHash('sha256')
    .update(JSON.stringify([uid, type, reason, note]))
    .digest('hex')
  return {
    apiVersion: apiVersionOf(apiResources.events),
    kind: 'Event',
    metadata: { name: `${name.slice(0, LONGEST_NAME)}.${said.slice(0, 16)}`, namespace: namespace ?? 'default' },
    eventTime: new Date(now).toISOString().replace('Z', '000Z'),
    reportingController: REPORTING_CONTROLLER,
    reportingInstance: instance.slice(0, 128),
    action: 'Reconcile',
    type,
    reason,
    note: note.length > LONGEST_NOTE ? `${note.slice(0, LONGEST_NOTE - 1)}…` : note,
    regarding: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
  }
}
