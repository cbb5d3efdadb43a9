import { z } from 'zod'
import { celPattern, celRules } from '../../policy/cel-rule.ts'
import { isNetwork } from '../../policy/ip-range.ts'
import { labels } from './labels.ts'

const SERVICE = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const EXPECTED_SERVICE = 'expected the name of a Service: a-z, 0-9 and -, such as grafana'
const EXPECTED_NETWORK =
  'expected a range of which nothing but the prefix is set, such as 192.0.2.0/24 or 2001:db8::/32'
const EXPECTED_PEER = 'expected either cidr, or one or both of namespaceLabels and podLabels'

const service = z.string().min(1).max(63).regex(SERVICE, EXPECTED_SERVICE).meta(celPattern(SERVICE, EXPECTED_SERVICE))

const peer = z
  .strictObject({
    namespaceLabels: labels
      .optional()
      .describe('Pods in namespaces with these labels. Without it, those of the application’s own namespace.'),
    podLabels: labels.optional().describe('Pods with these labels. Without it, all pods of the namespaces.'),
    cidr: z
      .string()
      .max(49)
      .refine(isNetwork, { error: EXPECTED_NETWORK })
      .meta(
        celRules({
          rule: 'isCIDR(self) && cidr(self) == cidr(self).masked()',
          message: EXPECTED_NETWORK,
        }),
      )
      .optional()
      .describe('Addresses of this range (CIDR), IPv4 or IPv6.'),
  })
  .refine(isOnePeer, { error: EXPECTED_PEER })
  .meta(
    celRules({
      rule: 'has(self.cidr) != (has(self.namespaceLabels) || has(self.podLabels))',
      message: EXPECTED_PEER,
    }),
  )
  .describe('Pods by their labels, or addresses.')

/** `spec.lockdown` of an application. */
export const lockdown = z
  .strictObject({
    networkPolicy: z
      .strictObject({
        services: z
          .array(service)
          .min(1)
          .max(32)
          .optional()
          .describe(
            'Names of the Services, in the application’s namespace, whose pods are shut. Default: those that the application’s own Ingresses and HTTPRoutes lead to.',
          ),
        from: z
          .array(peer)
          .max(32)
          .default([])
          .describe('Who else may reach the pods, beside the ingress controllers: a monitoring system, another app.'),
      })
      .describe('A NetworkPolicy that lets nobody but the ingress controllers reach the application’s pods.'),
  })
  .describe(
    'Ways to keep out whoever goes round the proxy and so round the check. Gatehouse in a cluster sets them up.',
  )

export type Lockdown = z.output<typeof lockdown>

function isOnePeer({ cidr, namespaceLabels, podLabels }: Partial<Record<string, unknown>>): boolean {
  return (cidr !== undefined) !== (namespaceLabels !== undefined || podLabels !== undefined)
}
