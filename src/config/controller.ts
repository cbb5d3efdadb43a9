import { z } from 'zod'
import { flag, integer, namespaceName, objectName, text } from './value-kinds.ts'

const CIDR = /^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/
const CHECK_URL = /^http:\/\/[a-z0-9.-]+:\d{1,5}$/

function className() {
  return text('the name of an IngressClass', (value) => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(value))
}

const ingressController = z.strictObject({
  className: text('the name of an IngressClass, or of a Gateway’s controller', (value) =>
    /^[a-z0-9]([a-z0-9./-]{0,251}[a-z0-9])?$/.test(value),
  ).describe(
    'Name of its IngressClass; of one that serves Gateways, its name such as `traefik.io/gateway-controller`.',
  ),
  namespace: namespaceName().optional().describe('Namespace of its pods.'),
  podLabels: z.record(z.string(), z.string()).optional().describe('Labels of its pods.'),
  cidrs: z
    .array(text('an address range such as `10.0.0.0/24`', (value) => CIDR.test(value)))
    .max(64)
    .optional()
    .describe('Where it calls from, if its pods are on the network of their hosts.'),
  hostNetwork: flag().default(false).describe('Whether its pods are on the network of their hosts.'),
})

/** What the leading replica writes into the cluster. */
export const controller = z
  .strictObject({
    enabled: flag()
      .default(true)
      .describe('Whether replicas elect a leader that writes statuses, wires annotated Ingresses and keeps the keys.'),
    checkUrl: text('an http URL of host and port alone', (value) => CHECK_URL.test(value))
      .optional()
      .describe(
        'Where the proxies of the cluster reach the check listener. Default: `http://gatehouse-check.<namespace>.svc.cluster.local:8181`.',
      ),
    portalService: z
      .strictObject({
        name: objectName().default('gatehouse-portal').describe('Name of the Service of the portal listener.'),
        port: integer(1, 65_535).default(8080).describe('Port of the Service of the portal listener.'),
      })
      .prefault({})
      .describe('The Service of the portal, in the system namespace.'),
    lease: objectName().default('gatehouse-leader').describe('Name of the Lease by which the leader is elected.'),
    hostClaims: objectName()
      .default('gatehouse-host-claims')
      .describe('Name of the ConfigMap that records which namespace claimed a host first.'),
    admissionPolicies: z
      .array(className())
      .max(64)
      .default([])
      .meta({ expects: 'a list of names' })
      .describe('Names of the IngressClasses for which a MutatingAdmissionPolicy of the chart is installed.'),
    gatewayApi: flag()
      .default(false)
      .describe('Whether annotated HTTPRoutes are wired too. It needs the rights on HTTPRoutes and Middlewares.'),
    lockdown: flag()
      .default(false)
      .describe(
        'Whether `spec.lockdown` of applications is heeded. It needs the rights on NetworkPolicies, Services and Pods.',
      ),
    ingressControllers: z
      .array(ingressController)
      .max(64)
      .default([])
      .meta({ expects: 'a list of objects `{ className, namespace, podLabels, cidrs, hostNetwork }`' })
      .describe('Which pods the proxies are, for `spec.lockdown` of applications.'),
  })
  .prefault({})
  .describe('The controller, which runs in the leading replica. Only with `resources.kubernetes`.')
