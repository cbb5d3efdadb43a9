import type { Flaw } from '../../resources/status.ts'
import { apiResources, apiVersionOf } from '../api-resource.ts'
import { boundedName, shortHash } from '../bounded-name.ts'
import { type KubeObject, keyOf } from '../kube-object.ts'
import { GATEWAY_GROUP, type ParentRef, parentKey } from './http-route-spec.ts'
import { type ParentStatus, parentStatuses, refusals } from './http-route-status.ts'
import { OWNER_LABEL, type WiringSettings } from './wiring.ts'

/** What leads to the portal on the hosts of applications: the same on every host, and longer than an app's `/`. */
const PORTAL_PATH = '/.gatehouse'

/**
 * The HTTPRoute that leads `/.gatehouse` of a host to the portal: in the system namespace, beside the Service, so that no
 * ReferenceGrant is needed, and attached to what the application's own route is attached to.
 */
export function portalHttpRoute(
  host: string,
  parents: readonly ParentRef[],
  { systemNamespace, portalService }: WiringSettings,
): KubeObject {
  const hash = shortHash([host, ...parents.map(parentKey)].join('\n'))
  return {
    apiVersion: apiVersionOf(apiResources.httpRoutes),
    kind: apiResources.httpRoutes.kind,
    metadata: {
      name: boundedName('portal-', host.replace('*', 'wildcard'), `-${hash}`),
      namespace: systemNamespace,
      labels: OWNER_LABEL,
    },
    // Whatever the server would fill in stands here already, so that what is there can be compared with what is wanted.
    spec: {
      parentRefs: parents,
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: PORTAL_PATH } }],
          backendRefs: [{ group: '', kind: 'Service', name: portalService.name, port: portalService.port, weight: 1 }],
        },
      ],
    },
  }
}

/** What keeps a portal's route from being served, by what Gateways say of it. */
export function portalHttpRouteFlaws(
  observed: KubeObject,
  parents: readonly ParentRef[],
  { systemNamespace }: WiringSettings,
): Flaw[] {
  return refusals(observed, parents).map((refusal) => ({
    reason: 'RouteNotAccepted',
    message: `${parentWords(refusal)} does not serve HTTPRoute ${keyOf(observed)}, by which people sign in: ${remedy(refusal, systemNamespace)}`,
  }))
}

/** Whether a Gateway has said yet what it thinks of a portal's route. */
export function isSettled(observed: KubeObject | undefined): boolean {
  return observed !== undefined && parentStatuses(observed).some(({ isCurrent }) => isCurrent)
}

function parentWords({ parent: { kind, group, namespace, name, sectionName, port } }: ParentStatus): string {
  const which = group === GATEWAY_GROUP ? kind : `${kind}.${group}`
  const listener = sectionName === undefined ? '' : `, listener ${sectionName}`
  return `${which} ${namespace}/${name}${listener}${port === undefined ? '' : `, port ${port}`}`
}

function remedy({ trouble = NO_TROUBLE }: ParentStatus, systemNamespace: string): string {
  const { reason, message } = trouble
  if (reason === 'NotAllowedByListeners') {
    return `allowedRoutes.namespaces of its listeners has to admit the namespace ${systemNamespace} too (${reason})`
  }
  return message === '' ? reason : `${message} (${reason})`
}

const NO_TROUBLE = { reason: '', message: '' }
