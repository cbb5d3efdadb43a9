import { z } from 'zod'
import { namespaceName, objectName } from './names.ts'

export const GROUP = 'access.gatehouse.dev'
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}` as const

/** Where an object without `metadata.namespace` lives, as with `kubectl`. */
export const DEFAULT_NAMESPACE = 'default'

const common = {
  labels: z
    .record(z.string().max(317), z.string().max(63))
    .optional()
    .describe('Labels. Gatehouse gives them no meaning.'),
  annotations: z
    .record(z.string().max(317), z.string().max(262_144))
    .optional()
    .describe('Annotations. Gatehouse gives them no meaning.'),
}

/** What the API server writes, so that the output of `kubectl get -o yaml` is a manifest too. */
const servers = Object.fromEntries(
  [
    'creationTimestamp',
    'deletionGracePeriodSeconds',
    'deletionTimestamp',
    'finalizers',
    'generateName',
    'generation',
    'managedFields',
    'ownerReferences',
    'resourceVersion',
    'selfLink',
    'uid',
  ].map((field) => [field, z.unknown().optional()]),
)

/** `metadata` of an object that lives in a namespace. */
const namespacedMetadata = z
  .strictObject({
    name: objectName.describe('Name of the object, once per kind and namespace.'),
    namespace: namespaceName.default(DEFAULT_NAMESPACE).describe('Namespace that the object lives in.'),
    ...common,
    ...servers,
  })
  .describe('Name and namespace.')

/**
 * The schema of an object that lives in a namespace.
 *
 * @param kind as in the manifest's `kind`
 */
export function namespacedResource<const Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) {
  return z.strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: namespacedMetadata,
    spec,
    status: z.unknown().optional(),
  })
}

/**
 * The schema of an object that belongs to the cluster and to no namespace.
 *
 * @param kind as in the manifest's `kind`
 * @param name what its name may be
 */
export function clusterResource<const Kind extends string, Spec extends z.ZodType>(
  kind: Kind,
  name: z.ZodType<string>,
  spec: Spec,
) {
  return z.strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: z
      .strictObject({ name: name.describe('Name of the object, once in the cluster.'), ...common, ...servers })
      .describe('Its name. There is no namespace.'),
    spec,
    status: z.unknown().optional(),
  })
}
