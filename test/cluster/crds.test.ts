import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { customResourceDefinitions, generators } from '../../scripts/generators/crds.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { readObject } from '../../src/resources/objects.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { objectsOf } from '../parts/kubernetes-api.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { application, group, manifest, policy, provider } from '../resources/world.ts'
import { durations, hosts, ipRanges, issuers, paths } from './crd-arbitraries.ts'
import { invalidObjects, validObjects } from './crd-objects.ts'
import { everyone, type Row } from './crd-row.ts'
import { ourVerdict, serverVerdict } from './crd-verdict.ts'

const EXAMPLES = ['access-application', 'access-policy', 'access-group', 'identity-provider']

needs(['etcd', 'kube-apiserver'], 'the API server with the custom resource definitions', () => {
  let server: KubernetesPart
  beforeAll(async () => {
    server = await startKubernetes()
    await server.ensureNamespace('monitoring')
    for (const { content } of generators) await server.apply(content())
    for (const definition of customResourceDefinitions()) await established(server, definition.metadata.name)
  }, 60_000)
  afterAll(() => server.stop())

  test('serves every kind by a schema that is structural', async () => {
    for (const { metadata, apiVersion, kind } of customResourceDefinitions()) {
      const definition = await server.get({ apiVersion, kind, metadata })
      expect(conditionsOf(definition)).toEqual({ Established: 'True', NamesAccepted: 'True' })
    }
  })

  test.each(EXAMPLES)('takes the example %s', async (name) => {
    const text = readFileSync(join(import.meta.dirname, `../../manifests/examples/${name}.yaml`), 'utf8')
    for (const object of objectsOf(text)) expect([object, await serverVerdict(server, object)]).toEqual([object, []])
  })

  test('takes whatever our own validator takes', async () => {
    expect(await disagreements(validObjects, true)).toEqual([])
  })

  test('refuses whatever our own validator refuses, field by field and rule by rule', async () => {
    expect(invalidObjects.length).toBeGreaterThan(250)
    expect(await disagreements(invalidObjects, false)).toEqual([])
  }, 60_000)

  test('says in the words of our own validator what it expected', async () => {
    const destination = { host: 'A', path: '/a/' }
    const refusals = await serverVerdict(server, manifest('AccessApplication', 'a', { destinations: [destination] }))
    expect(refusals.join('\n')).toMatch(/spec\.destinations\[0\]\.host: .*expected a host in lower case without port/)
    expect(refusals.join('\n')).toMatch(/spec\.destinations\[0\]\.path: .*expected a path such as \/admin: no query/)
    const twice = await serverVerdict(server, application('a', ['a.example.com/x', 'a.example.com/X']))
    expect(twice.join('\n')).toMatch(/spec\.destinations: .*expected each destination once/)
    const secretless = await serverVerdict(server, provider('a', { tokenEndpointAuthMethod: 'ClientSecretPost' }))
    expect(secretless.join('\n')).toMatch(/spec\.oidc\.tokenEndpointAuthMethod: .*expected a clientSecretRef/)
    const claim = await serverVerdict(server, group('a', [{ claim: { name: 'a' } }]))
    expect(claim.join('\n')).toMatch(/spec\.include\[0\]\.claim: .*expected exactly one of value, number and boolean/)
  })

  test('fills in the defaults that our own validator fills in', async () => {
    for (const object of [application('a', 'a.example.com'), policy('a', 'Deny', [everyone]), provider('a')]) {
      const [created] = await server.apply(object as unknown as KubeObject, { dryRun: true })
      expect(ourVerdict(created)).toEqual([])
      expect(created?.spec).toEqual(readObject(object).object?.spec)
    }
  })

  test('judges hosts as we do', async () => {
    await agree(fc.uniqueArray(hosts, { minLength: 40, maxLength: 64 }), 8, (list) =>
      manifest('AccessApplication', 'a', { destinations: list.map((host) => ({ host })) }),
    )
  })

  test('judges paths as we do', async () => {
    const distinct = fc.uniqueArray(paths, { minLength: 40, maxLength: 64, selector: (path) => path.toLowerCase() })
    await agree(distinct, 12, (list) => {
      const destinations = list.map((path, at) => ({ host: `a${at}.example.com`, path }))
      return manifest('AccessApplication', 'a', { destinations })
    })
  })

  test('judges addresses as we do', async () => {
    await agree(fc.array(ipRanges, { minLength: 40, maxLength: 64 }), 8, (ip) => group('a', [{ ip }]))
  })

  test('judges durations as we do', async () => {
    const each = fc.array(durations, { minLength: 1, maxLength: 1 })
    await agree(each, 150, ([duration]) => policy('a', 'Allow', [everyone], { session: { duration } }))
  }, 60_000)

  test('judges issuers as we do', async () => {
    const each = fc.array(issuers, { minLength: 1, maxLength: 1 })
    await agree(each, 150, ([issuer]) => provider('a', { issuer }))
  }, 60_000)

  describe('where it cannot judge as we do', () => {
    const rows: readonly [title: string, object: Row[1], server: boolean, ours: boolean][] = [
      [
        'takes null for left out, and keeps the object without it, so that we never see it',
        application('a', 'a.example.com', [], { session: null }),
        true,
        false,
      ],
      [
        'does not decode paths, so that it takes two spellings of a destination for two; the object is not Accepted then',
        application('a', ['a.example.com/@a', 'a.example.com/%40a']),
        true,
        false,
      ],
      [
        'does not drop dots at the end of a segment, so that it takes two spellings for two; it is not Accepted then',
        application('a', ['a.example.com/a/b', 'a.example.com/a./b']),
        true,
        false,
      ],
      [
        'has laws for labels, which mean nothing to us',
        { ...policy('a', 'Allow', [everyone]), metadata: { name: 'a', labels: { 'a b': 'c' } } },
        false,
        true,
      ],
      [
        'knows every field of a status, which we do not read in a manifest',
        { ...policy('a', 'Allow', [everyone]), status: { surprise: 1 } },
        false,
        true,
      ],
      [
        'drops the namespace of an object that belongs to the cluster, so that we never see it',
        { ...provider('a'), metadata: { name: 'a', namespace: 'default' } },
        true,
        false,
      ],
    ]
    test.each(rows)('%s', async (_, object, server_, ours) => {
      const verdict = await serverVerdict(server, object)
      expect([verdict.length === 0, ourVerdict(object).length === 0]).toEqual([server_, ours])
    })
  })

  test('keeps a status as the controller writes it, and prints it', async () => {
    const object = application('grafana', ['grafana.example.com', 'metrics.example.com/x'], ['engineers', 'guests'])
    const [created] = await server.apply(object as unknown as KubeObject)
    const condition = { observedGeneration: 1, lastTransitionTime: '2026-01-02T03:04:05Z', message: '' }
    const status = {
      observedGeneration: 1,
      conditions: [
        { type: 'Accepted', status: 'True', reason: 'Accepted', ...condition },
        { type: 'Programmed', status: 'False', reason: 'NotProgrammed', ...condition },
      ],
      audience: '0'.repeat(64),
    }
    const path = await server.pathOf(created as KubeObject, 'status')
    const patch = {
      query: { fieldValidation: 'Strict' },
      contentType: 'application/merge-patch+json',
      body: { status },
    }
    expect(await server.request('PATCH', path, patch)).toMatchObject({ status: 200, body: { status } })
    expect(await printed(server, created as KubeObject)).toMatchObject({
      Host: 'grafana.example.com',
      Policies: '[{"name":"engineers"},{"name":"guests"}]',
      Accepted: 'True',
      Programmed: 'False',
      Reason: 'NotProgrammed',
    })
  })

  async function disagreements(rows: readonly Row[], isValid: boolean): Promise<unknown[]> {
    const found: unknown[] = []
    for (const [title, object] of rows) {
      const ours = ourVerdict(object)
      const theirs = await serverVerdict(server, object)
      if ((ours.length === 0) !== isValid || (theirs.length === 0) !== isValid) found.push({ title, ours, theirs })
    }
    return found
  }

  /** Compares the verdicts on an object made of several texts: which of them are refused, by us and by the server. */
  async function agree(
    texts: fc.Arbitrary<string[]>,
    numRuns: number,
    make: (texts: string[]) => Row[1],
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(texts, async (list) => {
        const object = make(list)
        const ours = refused(list, ourVerdict(object))
        const theirs = refused(list, await serverVerdict(server, object))
        expect(theirs).toEqual(ours)
      }),
      { numRuns, endOnFailure: true },
    )
  }
})

/** Which of the texts problems are about. */
function refused(texts: readonly string[], problems: readonly string[]): readonly string[] {
  if (texts.length === 1) return problems.length === 0 ? [] : texts
  const indexes = new Set(problems.map((problem) => /\[(\d+)\](?:\.(?:host|path))?:/.exec(problem)?.[1]))
  if (indexes.has(undefined)) return problems
  return texts.filter((_, at) => indexes.has(`${at}`))
}

async function established(server: KubernetesPart, name: string): Promise<void> {
  const reference = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name } }
  await until(`${name} is established`, async () => {
    const { Established } = conditionsOf(await server.get(reference))
    return Established === 'True'
  })
}

function conditionsOf(object: KubeObject | undefined): Record<string, string> {
  const { conditions = [] } = (object?.status ?? {}) as { conditions?: { type: string; status: string }[] }
  return Object.fromEntries(conditions.map(({ type, status }) => [type, status]))
}

/** The cells of the row that `kubectl get` would print, by the name of their column. */
async function printed(server: KubernetesPart, object: KubeObject): Promise<Record<string, unknown>> {
  const { body } = await server.request('GET', await server.pathOf(object), {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  })
  const { columnDefinitions, rows } = body as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }
  return Object.fromEntries(columnDefinitions.map(({ name }, at) => [name, rows[0]?.cells[at]]))
}
