import { apiResources, apiVersionOf } from '../api-resource.ts'
import type { KubeObject } from '../kube-object.ts'
import { type ClassReference, classFields } from './ingress-class.ts'
import type { PortalShape } from './ingress-controller.ts'
import { LONGEST_NAME } from './middleware-name.ts'
import { plainName } from './plain-name.ts'
import { OWNER_LABEL, type WiringSettings } from './wiring.ts'

/** A host, and the class of an Ingress that publishes it. */
export interface PortalSite {
  readonly host: string
  readonly reference: ClassReference
  /** The namespace that the host belongs to. */
  readonly namespace: string
}

/**
 * Name of the Ingress that routes `/.gatehouse/` of a host to the portal. Two hosts or classes never have the same one, nor
 * one that Traefik takes for the same.
 *
 * @returns undefined if it would be longer than 253 characters
 */
export function portalIngressName(host: string, { by, name }: ClassReference): string | undefined {
  const start = by === 'Field' ? 'portal' : 'portal-legacy'
  const whole = `${start}-${plainName(name)}-${plainName(host)}`
  return whole.length <= LONGEST_NAME ? whole : undefined
}

/** The Ingress, in the system namespace, that routes `/.gatehouse/` of an app's host to the portal, unchecked. */
export function portalIngress(
  name: string,
  { host, reference, namespace }: PortalSite,
  { annotations, pathType, hasTls }: PortalShape,
  { systemNamespace, portalService }: WiringSettings,
): KubeObject {
  const ofClass = classFields(reference)
  const service = { name: portalService.name, port: { number: portalService.port } }
  return {
    apiVersion: apiVersionOf(apiResources.ingresses),
    kind: 'Ingress',
    metadata: {
      name,
      namespace: systemNamespace,
      labels: { ...OWNER_LABEL, 'access.gatehouse.dev/application-namespace': namespace },
      annotations: { ...ofClass.annotations, ...annotations },
    },
    spec: {
      ...ofClass.spec,
      ...(hasTls ? { tls: [{ hosts: [host] }] } : {}),
      rules: [{ host, http: { paths: [{ path: '/.gatehouse/', pathType, backend: { service } }] } }],
    },
  }
}
