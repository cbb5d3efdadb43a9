import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { needs } from '../parts/needs.ts'
import { at, loadRendered } from './container.ts'
import { helms, minimal, objectOf, profiles, render } from './helm.ts'
import { unknownMetrics } from './unknown-metrics.ts'

function podSpecs(objects: readonly KubeObject[]) {
  return objects.flatMap((object) => {
    if (object.kind === 'Pod') return [{ name: object.metadata.name, spec: at(object, 'spec') }]
    const spec = at(object, 'spec.template.spec')
    return spec === undefined ? [] : [{ name: object.metadata.name, spec }]
  })
}

needs(helms, 'what the chart renders', () => {
  for (const program of helms) {
    describe.for(profiles)(`by ${program} for the profile $profile`, ({ file }) => {
      const rendered = render(program, ['--values', file])

      test('holds a configuration that Gatehouse accepts', async () => {
        expect(await loadRendered(await rendered)).toMatchObject({ ok: true })
      })

      test('gives the controller the names of its own Services, Lease, ConfigMap and Secret', async () => {
        const objects = await rendered
        const loaded = await loadRendered(objects)
        if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
        const { checkUrl, portalService, lease, hostClaims } = loaded.config.controller
        const role = objects.find(({ kind }) => kind === 'Role') as KubeObject
        const named = at(role, 'rules').flatMap((rule: { resourceNames?: string[] }) => rule.resourceNames ?? [])
        const check = new URL(checkUrl ?? '')
        const service = objectOf(objects, 'Service', check.hostname.split('.')[0] ?? '')
        expect(at(service, 'spec.ports.0.port')).toBe(Number(check.port))
        expect(at(objectOf(objects, 'Service', portalService.name), 'spec.ports.0.port')).toBe(portalService.port)
        const { keys } = loaded.config
        expect(named.toSorted()).toEqual(
          [hostClaims, keys.type === 'KubernetesSecret' ? keys.secret : '', lease].toSorted(),
        )
      })

      test('leads every Service to the pods of Gatehouse, by a port that they name', async () => {
        const objects = await rendered
        const deployment = objects.find(({ kind }) => kind === 'Deployment') as KubeObject
        const labels = at(deployment, 'spec.template.metadata.labels')
        const ports = at(deployment, 'spec.template.spec.containers.0.ports').map(({ name }: { name: string }) => name)
        const services = objects.filter(({ kind, metadata }) => kind === 'Service' && !metadata.name.endsWith('-redis'))
        expect(services.map(({ metadata }) => metadata.name.replace(/^gate(house)?-/, ''))).toEqual(
          expect.arrayContaining(['check', 'portal', 'ops']),
        )
        for (const service of services) {
          expect(labels).toMatchObject(at(service, 'spec.selector'))
          expect(ports).toContain(at(service, 'spec.ports.0.targetPort'))
        }
      })

      test('keeps every pod to the restricted Pod Security Standard and off other Services’ addresses', async () => {
        const specs = podSpecs(await rendered)
        expect(specs.length).toBeGreaterThan(1)
        for (const { spec } of specs) {
          expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
          expect(spec.securityContext.runAsUser).toBeGreaterThan(0)
          for (const container of spec.containers) {
            expect(container.securityContext).toMatchObject({
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            })
            expect(container.resources).toMatchObject({ requests: {}, limits: { memory: expect.anything() } })
          }
        }
      })

      test('mounts no token of the API server where none is used', async () => {
        const withToken = podSpecs(await rendered).filter(({ spec }) => spec.automountServiceAccountToken !== false)
        expect(withToken.map(({ name }) => name.replace(/^gate(house)?/, '')).toSorted()).toEqual(['', '-crd-upgrade'])
      })

      test('lets nobody in by a rule of a NetworkPolicy without peers', async () => {
        const policies = (await rendered).filter(({ kind }) => kind === 'NetworkPolicy')
        expect(policies).not.toEqual([])
        const rules = policies.flatMap((policy) => at(policy, 'spec.ingress'))
        for (const { from } of rules) expect(from?.length).toBeGreaterThan(0)
        for (const peer of rules.flatMap(({ from }) => from)) expect(Object.keys(peer)).not.toEqual([])
      })

      test('gives each object the labels by which it is found', async () => {
        for (const { metadata } of await rendered) {
          expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/instance': 'gatehouse' })
        }
      })

      test('has no placeholder for a secret', async () => {
        expect(JSON.stringify(await rendered)).not.toMatch(
          /change[-_ ]?me|replace[-_ ]?me|placeholder|"password":"password"/i,
        )
      })
    })
  }

  test('makes another password for every trial Redis', async () => {
    const passwords = await Promise.all(
      [0, 1].map(async () =>
        at(objectOf(await render('helm', [], minimal), 'Secret', 'gatehouse-redis'), 'stringData.password'),
      ),
    )
    expect(passwords[0]).toMatch(/^[A-Za-z0-9]{40}$/)
    expect(passwords[0]).not.toBe(passwords[1])
  })

  test('lets exactly the declared ingress controllers reach the check listener', async () => {
    const values = {
      ...minimal,
      tests: { enabled: false },
      ingressClasses: [
        { name: 'a', controller: 'traefik', pods: { namespace: 'ns', labels: { app: 'a' } } },
        {
          name: 'b',
          controller: 'ingress-nginx',
          hostNetwork: true,
          cidrs: ['192.0.2.0/24'],
          pods: { namespace: 'b', labels: { b: 'b' } },
        },
      ],
    }
    const policy = objectOf(await render('helm', [], values), 'NetworkPolicy', 'gatehouse')
    const peers = [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ns' } },
        podSelector: { matchLabels: { app: 'a' } },
      },
      { ipBlock: { cidr: '192.0.2.0/24' } },
    ]
    expect(at(policy, 'spec.ingress')).toEqual([
      { ports: [{ port: 'check', protocol: 'TCP' }], from: peers },
      { ports: [{ port: 'portal', protocol: 'TCP' }], from: peers },
    ])
  })

  test('lets nobody in where nobody is declared', async () => {
    const portal = { ingress: { className: 'x' } }
    const objects = await render('helm', [], { ...minimal, portal, ingressClasses: [], tests: { enabled: false } })
    expect(at(objectOf(objects, 'NetworkPolicy', 'gatehouse'), 'spec')).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [],
    })
  })

  test('starts new pods when the configuration changes', async () => {
    const sums = await Promise.all(
      ['info', 'debug'].map(async (level) => {
        const deployment = objectOf(await render('helm', [], { ...minimal, log: { level } }), 'Deployment', 'gatehouse')
        return at(deployment, 'spec.template.metadata.annotations')['checksum/config']
      }),
    )
    expect(sums[0]).not.toBe(sums[1])
  })

  test('names an image by its digest where there is one', async () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const image = async (values: object) =>
      at(
        objectOf(await render('helm', [], { ...minimal, image: values }), 'Deployment', 'gatehouse'),
        'spec.template.spec.containers.0.image',
      )
    expect(await image({ digest, tag: '1.2.3' })).toBe(`ghcr.io/gatehouse/gatehouse@${digest}`)
    expect(await image({ tag: '1.2.3' })).toBe('ghcr.io/gatehouse/gatehouse:1.2.3')
  })

  test('has an alert for every trouble that stops something, each with a runbook', async () => {
    const values = {
      ...minimal,
      monitoring: { prometheusRule: { enabled: true, runbookBaseUrl: 'https://runbooks.example.com/gatehouse' } },
    }
    const rule = objectOf(await render('helm', [], values), 'PrometheusRule', 'gatehouse')
    const alerts = at(rule, 'spec.groups.0.rules') as readonly {
      alert: string
      expr: string
      annotations: Record<string, string>
    }[]
    for (const { annotations } of alerts) {
      expect(annotations.runbook_url).toMatch(/^https:\/\/runbooks\.example\.com\/gatehouse\/[a-z-]+\.md$/)
      expect(annotations.summary).toMatch(/\S/)
    }
    expect(alerts.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining([
        'GatehouseWatchStale',
        'GatehouseNoLeader',
        'GatehouseRedisDown',
        'GatehouseRevocationsStale',
        'GatehouseRevocationsOwed',
        'GatehouseStoreSettingUnsafe',
        'GatehouseStorePasswordUnreadable',
        'GatehouseClockDisagrees',
        'GatehouseAuditRecordsLost',
        'GatehouseSessionsNotRefreshed',
        'GatehouseKeysNotRotated',
        'GatehouseChecksUnavailable',
        'GatehouseInternalErrors',
        'GatehouseResourcesRefused',
      ]),
    )
    expect(unknownMetrics(alerts.map(({ expr }) => expr).join('\n'))).toEqual([])
  })
})
