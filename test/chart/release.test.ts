import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'
import { CHART, type Helm, helm, helms, minimal } from './helm.ts'
import { type PodEnd, runPod } from './kubelet.ts'

const NAMESPACE = 'gatehouse'
const CRD = 'accessapplications.access.gatehouse.dev'

const access = { apiVersion: 'access.gatehouse.dev/v1alpha1' }
const policy = (name: string) => ({ ...access, kind: 'AccessPolicy', metadata: { namespace: NAMESPACE, name } })
const provider = { ...access, kind: 'IdentityProvider', metadata: { name: 'company' } }
const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: CRD } }
const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: NAMESPACE, name } })
const clusterRole = (name: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name },
})

function values(emailDomain: string) {
  return {
    ...minimal,
    admin: { enabled: true },
    identityProviders: [
      {
        name: 'company',
        spec: {
          type: 'OIDC',
          oidc: {
            issuer: 'https://login.example.com',
            clientID: 'gatehouse',
            clientSecretRef: { name: 'company-oidc', key: 'client-secret' },
          },
        },
      },
    ],
    policies: [{ name: 'staff', spec: { action: 'Allow', include: [{ emailDomain }] } }],
  }
}

/** The chart as it was before: an older version whose applications know no `launcher`. */
async function previousChart(folder: string): Promise<string> {
  const chart = join(folder, 'gatehouse')
  await cp(CHART, chart, { recursive: true })
  const about = parse(await readFile(join(chart, 'Chart.yaml'), 'utf8'))
  await writeFile(join(chart, 'Chart.yaml'), stringify({ ...about, version: '0.0.1' }))
  for (const file of await readdir(join(chart, 'crds'))) {
    const path = join(chart, 'crds', file)
    const crd = parse(await readFile(path, 'utf8'))
    if (crd.metadata.name === CRD) delete specOf(crd).launcher
    await writeFile(path, stringify(crd))
  }
  const packed = await helm('helm', ['package', chart, '--destination', folder])
  expect(packed.error).toBe('')
  return join(folder, 'gatehouse-0.0.1.tgz')
}

interface Properties {
  readonly properties: Record<string, unknown>
}

/** The fields of `spec` that a definition knows. */
function specOf(crd: KubeObject): Record<string, unknown> {
  const { versions } = crd.spec as { versions: [{ schema: { openAPIV3Schema: Properties } }] }
  return (versions[0].schema.openAPIV3Schema.properties.spec as Properties).properties
}

async function present(
  kubernetes: KubernetesPart,
  reference: Parameters<KubernetesPart['get']>[0],
): Promise<KubeObject> {
  const found = await kubernetes.get(reference)
  if (found === undefined) throw new Error(`there is no ${reference.kind} ${reference.metadata.name}`)
  return found
}

needs(['kube-apiserver', 'etcd', ...helms], 'a release', () => {
  describe.for(helms)('of %s', (program: Helm) => {
    let kubernetes: KubernetesPart
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>
    let kubeconfig: string
    let previous: string
    let first: Record<'staff' | 'own' | 'provider' | 'redis' | 'admin', KubeObject>

    beforeAll(async () => {
      directory = await temporaryDirectory('release')
      kubernetes = await startKubernetes()
      kubeconfig = await kubernetes.kubeconfig()
      previous = await previousChart(directory.path)
    }, 60_000)

    afterAll(async () => {
      await kubernetes?.stop()
      await directory?.[Symbol.asyncDispose]()
    })

    async function run(verb: string, chart: string, emailDomain: string, ...more: string[]): Promise<string> {
      const options = ['--namespace', NAMESPACE, '--timeout', '40s', ...more]
      const all = { kubeconfig, values: values(emailDomain) }
      const { code, output, error } = await helm(program, [verb, 'gatehouse', chart, ...options], all)
      expect(error).not.toMatch(/Error/)
      expect(code).toBe(0)
      return output
    }

    const hooks = async () =>
      (await helm(program, ['get', 'hooks', 'gatehouse', '--namespace', NAMESPACE], { kubeconfig })).output

    test('brings kinds and objects of them in one install, without the help of a pod', async () => {
      const notes = await run('install', previous, 'example.com', '--create-namespace')
      expect(notes).toContain('kubectl get identityproviders')
      expect(notes).toMatch(/WARNING: sessions are kept in the trial Redis/)
      expect(await hooks()).not.toContain('crd-upgrade')
      await kubernetes.apply({ ...policy('own'), spec: { action: 'Deny', include: [{ email: 'a@example.com' }] } })
      await kubernetes.apply({ ...secret('gatehouse-keys'), stringData: { 'keys.json': '{}' } })
      first = {
        staff: await present(kubernetes, policy('staff')),
        own: await present(kubernetes, policy('own')),
        provider: await present(kubernetes, provider),
        redis: await present(kubernetes, secret('gatehouse-redis')),
        admin: await present(kubernetes, secret('gatehouse-admin')),
      }
    })

    describe('when the next version comes', () => {
      let pod: PodEnd

      test('upgrades the kinds by a pod that has just the rights it needs', async () => {
        expect(specOf(await present(kubernetes, definition))).not.toHaveProperty('launcher')
        const upgraded = run('upgrade', CHART, 'example.org')
        pod = await runPod(kubernetes, NAMESPACE, 'gatehouse-crd-upgrade')
        expect(pod).toMatchObject({ code: 0, output: expect.stringContaining(CRD) })
        await upgraded
        expect(specOf(await present(kubernetes, definition))).toHaveProperty('launcher')
      })

      test('leaves nothing of that pod and its rights behind', async () => {
        const name = 'gatehouse-crd-upgrade'
        const metadata = { namespace: NAMESPACE, name }
        for (const kind of ['Pod', 'ServiceAccount', 'ConfigMap']) {
          expect(await kubernetes.get({ apiVersion: 'v1', kind, metadata }), kind).toBeUndefined()
        }
        expect(await kubernetes.get(clusterRole(name))).toBeUndefined()
        expect(await kubernetes.get({ ...clusterRole(name), kind: 'ClusterRoleBinding' })).toBeUndefined()
      })

      test('changes the objects of its values in place and no others', async () => {
        const staff = await present(kubernetes, policy('staff'))
        expect(staff.metadata.uid).toBe(first.staff.metadata.uid)
        expect(staff.spec).toMatchObject({ include: [{ emailDomain: 'example.org' }] })
        expect((await present(kubernetes, provider)).metadata.uid).toBe(first.provider.metadata.uid)
        expect(await present(kubernetes, policy('own'))).toEqual(first.own)
      })

      test('keeps the token of the admin API, the password of the trial Redis and the keys', async () => {
        expect((await present(kubernetes, secret('gatehouse-admin'))).data).toEqual(first.admin.data)
        expect((await present(kubernetes, secret('gatehouse-redis'))).data).toEqual(first.redis.data)
        expect((await present(kubernetes, secret('gatehouse-keys'))).data).toEqual({ 'keys.json': btoa('{}') })
      })

      test('needs no pod for an upgrade that changes no kind', async () => {
        await run('upgrade', CHART, 'example.net')
        expect(await hooks()).not.toContain('crd-upgrade')
        expect((await present(kubernetes, policy('staff'))).spec).toMatchObject({
          include: [{ emailDomain: 'example.net' }],
        })
      })

      test('goes back to the version before without taking fields from the kinds', async () => {
        const options = ['--namespace', NAMESPACE, '--timeout', '40s']
        const { error, code } = await helm(program, ['rollback', 'gatehouse', '1', ...options], { kubeconfig })
        expect({ error, code }).toMatchObject({ code: 0 })
        expect(specOf(await present(kubernetes, definition))).toHaveProperty('launcher')
        expect((await present(kubernetes, policy('staff'))).spec).toMatchObject({
          include: [{ emailDomain: 'example.com' }],
        })
      })
    })

    describe('when it is uninstalled', () => {
      beforeAll(async () => {
        const { code } = await helm(program, ['uninstall', 'gatehouse', '--namespace', NAMESPACE], { kubeconfig })
        expect(code).toBe(0)
      })

      test('keeps the kinds, what people made of them, and the keys', async () => {
        expect(await kubernetes.get(definition)).toBeDefined()
        expect(await present(kubernetes, policy('own'))).toEqual(first.own)
        expect(await kubernetes.get(secret('gatehouse-keys'))).toBeDefined()
      })

      test('takes its own objects with it', async () => {
        expect(await kubernetes.get(policy('staff'))).toBeUndefined()
        expect(await kubernetes.get(secret('gatehouse-redis'))).toBeUndefined()
        expect(await kubernetes.get(secret('gatehouse-admin'))).toBeUndefined()
        expect(await kubernetes.get(clusterRole('gatehouse'))).toBeUndefined()
        const metadata = { name: 'gatehouse-wire-nginx' }
        const admission = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicy', metadata }
        expect(await kubernetes.get(admission)).toBeUndefined()
      })

      test('can be installed again over older kinds, which become new ones first', async () => {
        const { spec } = await present(kubernetes, definition)
        const old = { ...definition, spec: structuredClone(spec) }
        delete specOf(old).launcher
        await kubernetes.apply(old, { fieldManager: 'helm' })
        const installed = run('install', CHART, 'example.com')
        // Helm 4 applies the kinds of a chart at an install; Helm 3 leaves alone what is there.
        if (program === 'helm3') {
          expect(await runPod(kubernetes, NAMESPACE, 'gatehouse-crd-upgrade')).toMatchObject({ code: 0 })
        }
        await installed
        expect(specOf(await present(kubernetes, definition))).toHaveProperty('launcher')
      })
    })
  })
})
