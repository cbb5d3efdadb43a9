import { apiResources, apiVersionOf } from '../api-resource.ts'
import type { KubeObject } from '../kube-object.ts'
import type { Protected } from './ingress-controller.ts'
import { RESPONSE_HEADERS } from './response-headers.ts'
import { OWNER_LABEL, type WiringSettings } from './wiring.ts'

/** The Middleware (traefik.io/v1alpha1) that asks Gatehouse about one application. */
export function forwardAuth(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  application: Protected,
  { checkUrl }: Pick<WiringSettings, 'checkUrl'>,
): KubeObject {
  return {
    apiVersion: apiVersionOf(apiResources.middlewares),
    kind: 'Middleware',
    metadata: { name, namespace, labels: { ...OWNER_LABEL, ...sourceLabels(application) } },
    spec: {
      forwardAuth: {
        address: `${checkUrl}/forward/app/${application.namespace}/${application.application}`,
        trustForwardHeader: false,
        maxResponseBodySize: 65_536,
        authResponseHeaders: [...RESPONSE_HEADERS],
      },
    },
  }
}

/** For people who look for what belongs to an application. A name that is too long for a label is left out. */
function sourceLabels({ namespace, application }: Protected): Record<string, string> {
  return {
    'access.gatehouse.dev/application-namespace': namespace,
    ...(application.length <= 63 ? { 'access.gatehouse.dev/application': application } : {}),
  }
}
