import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { needs } from '../parts/needs.ts'
import { at, loadRendered } from './container.ts'
import { CHART, minimal, objectOf, profiles, render } from './helm.ts'

const withAdmin = (admin: object, more: object = {}) =>
  render('helm', [], { ...minimal, ...more, admin: { enabled: true, ...admin } })

async function adminOf(objects: readonly KubeObject[]) {
  const loaded = await loadRendered(objects)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config.admin
}

const namesOf = (objects: readonly KubeObject[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)

/** The rules by which somebody reaches the admin listener. */
const rulesOf = (objects: readonly KubeObject[]) =>
  objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .flatMap((policy) => at(policy, 'spec.ingress'))
    .filter(({ ports }: { ports: { port: unknown }[] }) => ports.some(({ port }) => port === 'admin' || port === 9091))

const tls = { existingSecret: 'admin-tls' }
const from = [{ namespace: 'operations', labels: { app: 'offboarding' } }]

needs('helm', 'the admin API of the chart', () => {
  test('is off unless it is asked for', async () => {
    const objects = await render('helm', [], minimal)
    expect(await adminOf(objects)).toBeUndefined()
    expect(JSON.stringify(objects)).not.toContain('gatehouse-admin')
  })

  test('without TLS is for those in the pod alone, with a token that the chart makes', async () => {
    const objects = await withAdmin({})
    expect(await adminOf(objects)).toMatchObject({
      host: '127.0.0.1',
      port: 9091,
      tokenFile: '/etc/gatehouse/admin-token/token',
    })
    expect((await adminOf(objects))?.tls).toBeUndefined()
    expect(at(objectOf(objects, 'Secret', 'gatehouse-admin'), 'stringData.token')).toMatch(/^[A-Za-z0-9]{48}$/)
    expect(namesOf(objects, 'Service')).not.toContain('gatehouse-admin')
    expect(rulesOf(objects)).toEqual([])
  })

  test('with TLS has a Service, and exactly the declared peers reach it', async () => {
    const objects = await withAdmin({ tls, from: [...from, { namespace: 'oncall' }], port: 19_091 })
    expect(await adminOf(objects)).toMatchObject({ host: '0.0.0.0', port: 19_091, tokenFile: expect.any(String) })
    expect((await adminOf(objects))?.tls?.clientCaFile).toBeUndefined()
    const service = objectOf(objects, 'Service', 'gatehouse-admin')
    expect(at(service, 'spec.ports')).toEqual([
      { name: 'https-admin', port: 9091, targetPort: 'admin', protocol: 'TCP' },
    ])
    const ports = at(objectOf(objects, 'Deployment', 'gatehouse'), 'spec.template.spec.containers.0.ports')
    expect(ports).toContainEqual({ name: 'admin', containerPort: 19_091 })
    const namespace = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })
    const peers = [
      { namespaceSelector: namespace('operations'), podSelector: { matchLabels: { app: 'offboarding' } } },
      { namespaceSelector: namespace('oncall') },
    ]
    expect(rulesOf(objects)).toEqual([{ ports: [{ port: 'admin', protocol: 'TCP' }], from: peers }])
  })

  test('lets nobody in by the NetworkPolicy where no peer is declared', async () => {
    expect(rulesOf(await withAdmin({ tls }))).toEqual([])
  })

  test('asks every caller for a certificate where authorities are given, if need be instead of a token', async () => {
    const both = { tls: { ...tls, clientCASecret: { name: 'operators' }, allowedNames: ['oncall.example.com'] } }
    expect(await adminOf(await withAdmin(both))).toMatchObject({
      tokenFile: expect.any(String),
      tls: { clientCaFile: '/etc/gatehouse/admin-client-ca/ca.crt', allowedNames: ['oncall.example.com'] },
    })
    const certificatesAlone = await withAdmin({ ...both, bearerToken: false })
    expect((await adminOf(certificatesAlone))?.tokenFile).toBeUndefined()
    expect(namesOf(certificatesAlone, 'Secret')).not.toContain('gatehouse-admin')
  })

  test('takes a token of yours, and then makes none', async () => {
    const objects = await withAdmin({ tokenSecret: { name: 'own', key: 'bearer' } })
    expect(namesOf(objects, 'Secret')).not.toContain('gatehouse-admin')
    expect(at(objectOf(objects, 'Deployment', 'gatehouse'), 'spec.template.spec.volumes')).toContainEqual({
      name: 'admin-token',
      secret: { secretName: 'own', items: [{ key: 'bearer', path: 'token' }] },
    })
  })

  test('goes without TLS through a Service only if that is said', async () => {
    const objects = await withAdmin({ allowPlaintext: true, from })
    expect(await adminOf(objects)).toMatchObject({ host: '0.0.0.0', allowPlaintext: true })
    expect(at(objectOf(objects, 'Service', 'gatehouse-admin'), 'spec.ports.0.name')).toBe('http-admin')
  })

  test.for(profiles)('is behind no route and on no other Service in the profile $profile', async ({ file }) => {
    const objects = await render('helm', ['--values', file])
    const routes = objects.filter(({ kind }) => ['Ingress', 'HTTPRoute', 'ServiceMonitor'].includes(kind))
    expect(JSON.stringify(routes)).not.toMatch(/admin|9091/)
    const services = objects.filter(({ kind, metadata }) => kind === 'Service' && !metadata.name.endsWith('-admin'))
    expect(JSON.stringify(services.map(({ spec }) => spec))).not.toMatch(/admin|9091/)
  })

  test('is behind no HTTPRoute', async () => {
    const portal = { ingress: { enabled: false }, httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } }
    const route = objectOf(await withAdmin({ tls }, { portal }), 'HTTPRoute', 'gatehouse')
    expect(JSON.stringify(route)).not.toMatch(/admin|9091/)
  })
})

needs('helm', 'the audit trail of the chart', () => {
  const auditOf = async (objects: readonly KubeObject[]) => {
    const loaded = await loadRendered(objects)
    return loaded.ok ? loaded.config.audit : loaded.problems
  }

  test('is a file of its own for each pod on the claim', async () => {
    const objects = await render('helm', ['--values', join(CHART, 'ci', 'everything-values.yaml')])
    expect(await auditOf(objects)).toEqual({ type: 'File', file: '/var/lib/gatehouse/audit/gatehouse-0.jsonl' })
    const pod = at(objectOf(objects, 'Deployment', 'gate'), 'spec.template.spec')
    expect(pod.volumes).toContainEqual({ name: 'audit', persistentVolumeClaim: { claimName: 'audit' } })
    expect(pod.containers[0].volumeMounts).toContainEqual({ name: 'audit', mountPath: '/var/lib/gatehouse/audit' })
    // A variable can only be made of those that come before it.
    const names = pod.containers[0].env.map(({ name }: { name: string }) => name)
    expect(names.indexOf('POD_NAME')).toBeLessThan(names.indexOf('GATEHOUSE_AUDIT_FILE'))
  })

  test.for(['Stdout', 'Off'])('needs no volume for %s', async (output) => {
    const objects = await render('helm', [], { ...minimal, audit: { output } })
    expect(await auditOf(objects)).toEqual({ type: output })
    expect(JSON.stringify(objectOf(objects, 'Deployment', 'gatehouse'))).not.toContain('audit')
  })
})
