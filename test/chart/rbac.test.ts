import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { needs } from '../parts/needs.ts'
import { CHART, minimal, objectOf, render } from './helm.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** Each right as a line: `group/resource [names]: verbs`, rules for the same thing together. */
function rightsOf(role: KubeObject): Record<string, string> {
  const rights = new Map<string, Set<string>>()
  for (const { apiGroups, resources, resourceNames = [], verbs } of role.rules as Rule[]) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        const of = resourceNames.length === 0 ? '' : ` [${resourceNames.join(' ')}]`
        const key = `${group}/${resource}${of}`
        rights.set(key, new Set([...(rights.get(key) ?? []), ...verbs]))
      }
    }
  }
  return Object.fromEntries([...rights].map(([key, verbs]) => [key, [...verbs].join(' ')]))
}

async function rights(kind: 'ClusterRole' | 'Role', values: object): Promise<Record<string, string>> {
  return rightsOf(objectOf(await render('helm', [], { ...minimal, ...values }), kind, 'gatehouse'))
}

const traefik = { ingressClasses: [{ name: 'traefik', controller: 'traefik', cidrs: ['10.0.0.0/8'] }] }

const inCluster = {
  'access.gatehouse.dev/accessapplications': 'list watch create patch delete',
  'access.gatehouse.dev/accesspolicies': 'list watch',
  'access.gatehouse.dev/accessgroups': 'list watch',
  'access.gatehouse.dev/identityproviders': 'list watch',
  'access.gatehouse.dev/accessapplications/status': 'patch',
  'access.gatehouse.dev/accesspolicies/status': 'patch',
  'access.gatehouse.dev/accessgroups/status': 'patch',
  'access.gatehouse.dev/identityproviders/status': 'patch',
  'networking.k8s.io/ingresses': 'list watch patch',
  'networking.k8s.io/ingressclasses': 'list watch',
  'events.k8s.io/events': 'create',
}

const inNamespace = {
  '/secrets': 'list watch create',
  '/secrets [gatehouse-keys]': 'get update',
  '/configmaps': 'list watch create',
  '/configmaps [gatehouse-host-claims]': 'patch',
  'coordination.k8s.io/leases': 'create',
  'coordination.k8s.io/leases [gatehouse-leader]': 'get update',
  'networking.k8s.io/ingresses': 'create patch delete',
  'traefik.io/middlewares': 'list watch create patch delete',
}

/** What each switch of the values adds to the rights in all namespaces, and to those in the namespace of the release. */
const switches: readonly (readonly [string, object, object, object])[] = [
  ['ingress-nginx', {}, {}, {}],
  ['Traefik', traefik, {}, {}],
  [
    'the Gateway API',
    { gatewayAPI: { enabled: true } },
    {
      'gateway.networking.k8s.io/httproutes': 'list watch',
      'traefik.io/middlewares': 'list watch create patch delete',
    },
    { 'gateway.networking.k8s.io/httproutes': 'create patch delete' },
  ],
  [
    'lockdown',
    { lockdown: { enabled: true } },
    {
      'networking.k8s.io/networkpolicies': 'list watch create patch delete',
      '/services': 'list',
      '/pods': 'list',
    },
    {},
  ],
]

needs('helm', 'the rights that the chart gives', () => {
  test.for(switches)('are, with %s, these and no others', async ([, values, cluster, namespace]) => {
    expect(await rights('ClusterRole', values)).toEqual({ ...inCluster, ...cluster })
    expect(await rights('Role', values)).toEqual({ ...inNamespace, ...namespace })
  })

  test('are left to the user where the chart is to give none', async () => {
    const objects = await render('helm', [], { ...minimal, rbac: { create: false }, crds: { upgrade: false } })
    expect(objects.filter(({ kind }) => /Role/.test(kind))).toEqual([])
  })

  test('reach no Secret and no ConfigMap outside the namespace of the release, and no definition of a kind', async () => {
    const everything = { ...traefik, gatewayAPI: { enabled: true }, lockdown: { enabled: true } }
    const names = Object.keys(await rights('ClusterRole', everything))
    expect(names.filter((name) => /secrets|configmaps|customresourcedefinitions|\*/.test(name))).toEqual([])
  })

  test('have, rule by rule, a line that says what for', () => {
    const lines = readFileSync(join(CHART, 'templates', 'rbac.yaml'), 'utf8').split('\n')
    const rules = lines.flatMap((line, index) => (line.trim().startsWith('- apiGroups:') ? [lines[index - 1]] : []))
    expect(rules.length).toBeGreaterThan(15)
    expect(rules.filter((before) => !before?.trim().startsWith('#'))).toEqual([])
  })
})
