import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { objectsOf } from '../parts/kubernetes-api.ts'
import { needs } from '../parts/needs.ts'
import { CHART, helms, minimal, objectOf, profiles, render } from './helm.ts'

/** A kind of somebody else's that takes everything. */
function foreignKind(group: string, version: string, kind: string, plural: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Without it the API server accepts nobody else's group of this name.
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/1' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }
}

const foreignKinds = [
  foreignKind('monitoring.coreos.com', 'v1', 'ServiceMonitor', 'servicemonitors'),
  foreignKind('monitoring.coreos.com', 'v1', 'PrometheusRule', 'prometheusrules'),
  foreignKind('gateway.networking.k8s.io', 'v1', 'HTTPRoute', 'httproutes'),
]

needs(['kube-apiserver', 'etcd', ...helms], 'a real API server', () => {
  let kubernetes: KubernetesPart

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    await kubernetes.ensureNamespace('gatehouse')
    await kubernetes.apply(foreignKinds)
    const crds = join(CHART, 'crds')
    for (const file of readdirSync(crds)) await kubernetes.apply(readFileSync(join(crds, file), 'utf8'))
  }, 60_000)

  afterAll(() => kubernetes?.stop())

  for (const program of helms) {
    test.for(profiles)(`accepts all that ${program} renders for the profile $profile`, async ({ file }) => {
      const objects = await render(program, ['--values', file])
      const answered = await kubernetes.apply(objects, { dryRun: true, fieldValidation: 'Strict' })
      expect(answered).toHaveLength(objects.length)
    })
  }

  test('accepts the route of the portal', async () => {
    const portal = { ingress: { enabled: false }, httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } }
    const route = objectOf(await render('helm', [], { ...minimal, portal }), 'HTTPRoute', 'gatehouse')
    await expect(kubernetes.apply(route, { dryRun: true })).resolves.toHaveLength(1)
    expect(route.spec).toMatchObject({ hostnames: ['auth.example.com'] })
  })

  test('accepts the manifest that is for those without Helm', async () => {
    const file = join(CHART, '..', '..', 'manifests', 'install.yaml')
    const objects = objectsOf(readFileSync(file, 'utf8'))
    const answered = await kubernetes.apply(objects, { dryRun: true, fieldValidation: 'Strict' })
    expect(answered.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['CustomResourceDefinition', 'Deployment']))
    expect(
      answered.filter(({ metadata }) => metadata.namespace !== undefined && metadata.namespace !== 'gatehouse'),
    ).toEqual([])
  })
})
