import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { OWNER_LABEL } from '../../src/kubernetes/wiring/wiring.ts'
import { CLUSTER_PROGRAMS, type ClusterWorld, SYSTEM, startClusterWorld } from '../parts/cluster-world.ts'
import type { ObjectReference } from '../parts/kubernetes-api.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { ingress, policy, serviceOf } from './objects.ts'
import { annotate, applicationNamed, conditionsOf, eventsAbout, ingressNamed, listOf, untilReason } from './reading.ts'

const WIKI = { namespace: 'docs', name: 'wiki' }
const APPLICATION = applicationNamed('docs', 'wiki')
const INGRESS = ingressNamed('docs', 'wiki')
const POLICY: ObjectReference = { ...APPLICATION, kind: 'AccessPolicy', metadata: { namespace: 'docs', name: 'staff' } }
const MIDDLEWARE: ObjectReference = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { namespace: SYSTEM, name: 'docszswiki' },
}
const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares'
const KINDS = [
  ...['accessapplications', 'accesspolicies', 'identityproviders'].map(
    (kind) => `/apis/access.gatehouse.dev/v1alpha1/${kind}`,
  ),
  ...['ingresses', 'networkpolicies'].map((kind) => `/apis/networking.k8s.io/v1/${kind}`),
  ...['configmaps', 'secrets'].map((kind) => `/api/v1/namespaces/${SYSTEM}/${kind}`),
  '/apis/traefik.io/v1alpha1/middlewares',
  '/apis/events.k8s.io/v1/events',
]

needs(
  CLUSTER_PROGRAMS,
  'the controller, without admission policies and with every right that the chart can give',
  () => {
    let world: ClusterWorld
    let portal: ObjectReference

    beforeAll(async () => {
      const values = {
        admissionPolicies: { enabled: false },
        lockdown: { enabled: true },
        gatewayAPI: { enabled: true },
      }
      world = await startClusterWorld({ values })
      const { kubernetes, apps } = world
      const app = apps.get('app')!
      await kubernetes.ensureNamespace('docs')
      await kubernetes.apply([
        policy('docs', 'staff', { emailDomain: 'example.com' }),
        serviceOf(WIKI, app),
        ingress({ ...WIKI, hosts: ['wiki.example.test'], port: app.port, ours: { policies: 'staff' } }),
      ])
      await untilReason(kubernetes, APPLICATION, 'Programmed', 'Programmed')
      const [made] = await until('there is a route to the portal', async () => {
        const all = await listOf(kubernetes, `/apis/networking.k8s.io/v1/namespaces/${SYSTEM}/ingresses`)
        const ours = all.filter(({ metadata }) => metadata.labels?.['access.gatehouse.dev/owner'] === 'controller')
        return ours.length > 0 && ours
      })
      portal = ingressNamed(SYSTEM, made?.metadata.name ?? '')
      await until('the Middleware is there', () => kubernetes.get(MIDDLEWARE))
    }, 120_000)
    afterAll(() => world?.stop())

    /** What of an object is ours. */
    const essence = ({ metadata: { labels, ownerReferences, annotations }, spec }: KubeObject) => {
      return { labels, ownerReferences, annotations, spec }
    }

    async function patch(reference: ObjectReference, body: unknown, subresource?: string): Promise<void> {
      const path = await world.kubernetes.pathOf(reference, subresource)
      const answer = await world.kubernetes.request('PATCH', path, {
        contentType: 'application/merge-patch+json',
        body,
      })
      expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    }

    const removed = Object.fromEntries(Object.keys(OWNER_LABEL).map((name) => [name, null]))
    const otherRule = { host: 'wiki.example.test', http: { paths: [] } }
    const edits: readonly (readonly [string, () => ObjectReference, unknown])[] = [
      ['an address of a Middleware', () => MIDDLEWARE, { spec: { forwardAuth: { address: 'http://127.0.0.1:9/' } } }],
      [
        'more in a Middleware than we put there',
        () => MIDDLEWARE,
        { spec: { forwardAuth: { trustForwardHeader: true } } },
      ],
      ['another sort of Middleware', () => MIDDLEWARE, { spec: { compress: {} } }],
      ['a Middleware without its label', () => MIDDLEWARE, { metadata: { labels: removed } }],
      [
        'a route to the portal of another host',
        () => portal,
        { spec: { rules: [{ ...otherRule, host: 'evil.example.test', http: undefined }] } },
      ],
      ['a route to the portal without its label', () => portal, { metadata: { labels: removed } }],
      [
        'a route to the portal with a default',
        () => portal,
        { spec: { defaultBackend: { service: { name: 'x', port: { number: 1 } } } } },
      ],
      ['policies of an application that we made', () => APPLICATION, { spec: { policies: [{ name: 'other' }] } }],
      [
        'destinations of an application that we made',
        () => APPLICATION,
        { spec: { destinations: [{ host: 'evil.example.test' }] } },
      ],
      ['our key on an Ingress', () => INGRESS, { metadata: { annotations: { [MIDDLEWARES]: null } } }],
      ['our mark on an Ingress', () => INGRESS, { metadata: { annotations: { 'access.gatehouse.dev/wired': null } } }],
    ]

    test.for(edits)('repairs %s', async ([, referenceOf, edit]) => {
      const { kubernetes } = world
      const reference = referenceOf()
      const before = await kubernetes.get(reference)
      await patch(reference, edit)
      await until('it is as it was', async () => {
        const now = await kubernetes.get(reference)
        try {
          expect(essence(now!)).toEqual(essence(before!))
          return true
        } catch (error) {
          throw new Error(JSON.stringify(now), { cause: error })
        }
      })
      expect((await kubernetes.get(reference))?.metadata.uid).toBe(before?.metadata.uid)
    })

    const objects = [
      ['a Middleware', () => MIDDLEWARE],
      ['a route to the portal', () => portal],
      ['an application', () => APPLICATION],
    ] as const
    test.for(objects)('makes %s again that somebody deleted', async ([, referenceOf]) => {
      const { kubernetes } = world
      const before = await kubernetes.get(referenceOf())
      await kubernetes.delete(referenceOf())
      const again = await until('it is there again', async () => {
        const now = await kubernetes.get(referenceOf())
        return now?.metadata.uid !== before?.metadata.uid && now
      })
      expect(essence(again)).toEqual(essence(before!))
    })

    test('sweeps what carries its label and is not wanted, and nothing that cannot be its own', async () => {
      const { kubernetes } = world
      const owner = (kind: string, name: string) => ({ apiVersion: 'v1', kind, name, uid: 'gone', controller: true })
      const labelled = (one: object, namespace: string, name: string, ...owners: object[]) => {
        const metadata = { namespace, name, labels: OWNER_LABEL, ownerReferences: owners }
        return { ...one, metadata } as unknown as KubeObject
      }
      const middleware = { ...MIDDLEWARE, spec: { compress: {} } }
      const app = { ...APPLICATION, spec: { destinations: [{ host: 'stray.example.test' }] } }
      const network = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { podSelector: {} } }
      const publication = ingress({ namespace: SYSTEM, name: 'stray', hosts: ['stray.example.test'], port: 1 })
      const lost = [
        labelled(middleware, SYSTEM, 'stray'),
        labelled(publication, SYSTEM, 'stray'),
        labelled(middleware, 'docs', 'gatehouse-stray', owner('HTTPRoute', 'stray')),
        labelled(app, 'docs', 'stray', owner('Ingress', 'stray')),
        labelled(network, 'docs', 'gatehouse-stray.app', owner('AccessApplication', 'stray')),
      ]
      const copies = [
        labelled(publication, 'docs', 'copied'),
        labelled(middleware, 'docs', 'copied', owner('HTTPRoute', 'stray')),
        labelled(app, 'docs', 'copied', owner('Ingress', 'stray')),
        labelled(network, 'docs', 'copied', owner('AccessApplication', 'stray')),
        labelled(network, 'docs', 'gatehouse-of-their-own'),
      ]
      await kubernetes.apply([...copies, ...lost])
      for (const one of lost) {
        await until(
          `${one.kind} ${one.metadata.namespace} is gone`,
          async () => (await kubernetes.get(one)) === undefined,
        )
      }
      for (const one of copies) expect(await kubernetes.get(one), one.kind).toBeDefined()
      for (const one of copies) await kubernetes.delete(one)
    })

    test('restores a status that somebody edits', async () => {
      const { kubernetes } = world
      const before = await conditionsOf(kubernetes, APPLICATION)
      const programmed = before.Programmed!
      await patch(
        APPLICATION,
        { status: { conditions: [{ ...programmed, status: 'False', reason: 'Forged' }] } },
        'status',
      )
      await untilReason(kubernetes, APPLICATION, 'Programmed', 'Programmed')
      await until(
        'every condition is there',
        async () => Object.keys(await conditionsOf(kubernetes, APPLICATION)).length === 3,
      )
      await patch(POLICY, { status: { conditions: [] } }, 'status')
      await untilReason(kubernetes, POLICY, 'Accepted', 'Accepted')
    })

    test('tells in an event what has changed, with the reason of the condition', async () => {
      const { kubernetes } = world
      await kubernetes.delete(POLICY)
      await untilReason(kubernetes, APPLICATION, 'ResolvedRefs', 'PolicyNotFound')
      await until('it is told', async () =>
        (await eventsAbout(kubernetes, APPLICATION)).some(
          ({ what, note }) => what === 'Warning PolicyNotFound' && note.includes('staff'),
        ),
      )
      await kubernetes.apply(policy('docs', 'staff', { emailDomain: 'example.com' }))
      await untilReason(kubernetes, APPLICATION, 'ResolvedRefs', 'ResolvedRefs')
      await until('that it is well again is told', async () =>
        (await eventsAbout(kubernetes, APPLICATION)).some(({ what }) => what === 'Normal ResolvedRefs'),
      )
    })

    test('writes nothing where nothing has changed, not even after a restart', async () => {
      const versions = async () => {
        const all = await Promise.all(KINDS.map((path) => listOf(world.kubernetes, path)))
        return all
          .flat()
          .map(
            ({ kind, metadata: { namespace, name, resourceVersion } }) =>
              `${kind} ${namespace}/${name} ${resourceVersion}`,
          )
      }
      // Quiet is what has to last: there is nothing to wait for.
      const settled = await until('it is quiet', async () => {
        const before = await versions()
        await pause(500)
        return String(await versions()) === String(before) && before
      })
      await pause(3_000)
      expect(await versions()).toEqual(settled)

      const replica = await world.start('gatehouse-0')
      await until('it leads', async () => /^gatehouse_leader 1$/m.test(await replica.metrics()))
      await until('it has looked', async () =>
        /^gatehouse_controller_reconciles_total\{outcome="done"\} [1-9]/m.test(await replica.metrics()),
      )
      await pause(2_000)
      expect(await versions()).toEqual(settled)
    })

    test('locks an application down, and opens it again', async () => {
      const { kubernetes } = world
      await patch(APPLICATION, { spec: { lockdown: { networkPolicy: {} } } })
      await until('the status speaks of it', async () => {
        const { Programmed } = await conditionsOf(kubernetes, APPLICATION)
        return Programmed?.reason === 'LockdownIncomplete' || /NetworkPolicy/.test(Programmed?.message ?? '')
      })
      await patch(APPLICATION, { spec: { lockdown: null } })
      await untilReason(kubernetes, APPLICATION, 'Programmed', 'Programmed')
    })

    test('takes its keys back, and leaves those of others', async () => {
      const { kubernetes } = world
      await annotate(kubernetes, INGRESS, { [MIDDLEWARES]: 'docs-other@kubernetescrd' })
      await until(
        'ours stand first',
        async () =>
          (await kubernetes.get(INGRESS))?.metadata.annotations?.[MIDDLEWARES] ===
          'gatehouse-docszswiki@kubernetescrd,docs-other@kubernetescrd',
      )
      await annotate(kubernetes, INGRESS, { 'access.gatehouse.dev/policies': null })
      await until('ours are gone', async () => {
        const { annotations } = (await kubernetes.get(INGRESS))!.metadata
        return JSON.stringify(annotations) === JSON.stringify({ [MIDDLEWARES]: 'docs-other@kubernetescrd' })
      })
    })

    test('asks nothing of the API server that the chart gives no right to', async () => {
      const refused = (await world.audited()).filter(({ responseStatus }) =>
        [401, 403].includes(responseStatus?.code ?? 0),
      )
      expect([...new Set(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`))]).toEqual([])
      const metrics = await world.replicas.get('gatehouse-0')!.metrics()
      expect(metrics).not.toMatch(/^gatehouse_internal_errors_total.* [1-9]/m)
    })
  },
)
