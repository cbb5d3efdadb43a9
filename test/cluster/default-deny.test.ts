import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { objectsOf } from '../parts/kubernetes-api.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { ingress, type Publication } from './objects.ts'

const REQUIRE = join(import.meta.dirname, '../../manifests/proxies/traefik/require.yaml')
const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares'

needs(['etcd', 'kube-apiserver'], 'the policy of the guide that refuses by default', () => {
  let server: KubernetesPart
  beforeAll(async () => {
    server = await startKubernetes()
    for (const namespace of ['gatehouse', 'team-a', 'public-site']) await server.ensureNamespace(namespace)
    await server.apply(objectsOf(readFileSync(REQUIRE, 'utf8')))
    await until('it is in force', async () => (await verdict({})) !== 'taken')
  }, 60_000)
  afterAll(() => server.stop())

  /** What becomes of an Ingress that differs from an open one of Traefik's in these. */
  async function verdict(parts: Partial<Publication>): Promise<string> {
    const object: KubeObject = ingress({
      ...{ namespace: 'team-a', name: 'grafana', hosts: ['grafana.example.com'], port: 3000 },
      ...parts,
    })
    const path = `/apis/networking.k8s.io/v1/namespaces/${object.metadata.namespace}/ingresses`
    const { status, body } = await server.request('POST', path, { body: object, query: { dryRun: 'All' } })
    return status === 201 ? 'taken' : String((body as { message?: unknown }).message)
  }
  const behind = (entries: string) => ({ annotations: { [MIDDLEWARES]: entries } })

  test('lets no Ingress of Traefik’s class into the cluster that asks nobody', async () => {
    expect(await verdict({})).toContain('would publish an app without a check')
  })

  describe('refuses one', () => {
    test.for<[string, Partial<Publication>]>([
      ['that names no class', { className: null }],
      ['by the annotation of old', { className: null, annotations: { 'kubernetes.io/ingress.class': 'traefik' } }],
      ['that asks after something else', behind('x@file,gatehouse-teamzhazsgrafana@kubernetescrd')],
      ['that asks about another namespace', behind('gatehouse-teamzhbzsgrafana@kubernetescrd')],
      ['that names no Middleware of the cluster', behind('gatehouse-teamzhazsgrafana@file')],
    ])('%s', async ([, parts]) => {
      expect(await verdict(parts)).toContain('would publish an app without a check')
    })
  })

  describe('takes one', () => {
    test.for<[string, Partial<Publication>]>([
      ['that asks first', behind('gatehouse-teamzhazsgrafana@kubernetescrd,x@file')],
      ['of another class', { className: 'nginx' }],
      ['of the namespace of Gatehouse', { namespace: 'gatehouse' }],
      ['of a namespace that is let through', { namespace: 'public-site' }],
    ])('%s', async ([, parts]) => {
      expect(await verdict(parts)).toBe('taken')
    })
  })
})
