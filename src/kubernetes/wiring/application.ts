import type { Destination } from '../../policy/application.ts'
import { fieldOf } from '../../resources/raw-value.ts'
import { apiResources, apiVersionOf } from '../api-resource.ts'
import type { KubeObject } from '../kube-object.ts'
import type { ApplicationSettings } from './annotations.ts'
import { OWNER_LABEL } from './wiring.ts'

/**
 * The AccessApplication of an annotated object: of its name, and owned by it, so that it goes when the object goes.
 *
 * @param owner an Ingress or an HTTPRoute
 */
export function accessApplication(
  owner: KubeObject,
  { policies, identityProviders, sessionDuration }: ApplicationSettings,
  destinations: readonly Destination[],
): KubeObject {
  const { name, namespace, uid } = owner.metadata
  const { apiVersion, kind } = owner
  return {
    apiVersion: apiVersionOf(apiResources.accessApplications),
    kind: 'AccessApplication',
    metadata: {
      name,
      namespace,
      labels: OWNER_LABEL,
      ...(uid === undefined ? {} : { ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] }),
    },
    spec: {
      destinations: destinations.map(({ host, path }) => ({ host, path })),
      policies,
      ...(identityProviders === undefined ? {} : { identityProviders }),
      ...(sessionDuration === undefined ? {} : { session: { duration: sessionDuration } }),
    },
  }
}

/**
 * Whether an AccessApplication is the one that we made for an object, even if somebody has taken the label off it, or for
 * one of its kind and name that it has taken the place of. Any other is somebody's own.
 */
export function isMadeFor(application: KubeObject, owner: KubeObject): boolean {
  const { labels, ownerReferences } = application.metadata
  const isLabelled = Object.entries(OWNER_LABEL).every(([key, value]) => fieldOf(labels, key) === value)
  if (!Array.isArray(ownerReferences)) return false
  return ownerReferences.some(
    (reference) =>
      fieldOf(reference, 'controller') === true &&
      fieldOf(reference, 'kind') === owner.kind &&
      fieldOf(reference, 'name') === owner.metadata.name &&
      (isLabelled || fieldOf(reference, 'uid') === owner.metadata.uid),
  )
}
