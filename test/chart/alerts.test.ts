import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { type MetricDeclaration, metricList } from '../../src/observe/metric-list.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { needs } from '../parts/needs.ts'
import type { AlertRow } from './alert-row.ts'
import { type RuleGroups, renderAlerts, testAlert } from './alert-rules.ts'
import { view } from './alert-series.ts'
import { alertTable } from './alert-table.ts'
import { at } from './container.ts'
import { minimal, profiles, render } from './helm.ts'
import { promtool } from './promtool.ts'

const declared = new Map(Object.values<MetricDeclaration>(metricList).map((metric) => [metric.name, metric]))
const seriesOf = ({ sick, quiet }: AlertRow) => [...sick, ...quiet].flatMap(({ series }) => series)

test('the table of alerts has no series that Gatehouse does not have', () => {
  for (const { metric, labels } of alertTable.flatMap(seriesOf)) {
    expect([metric, Object.keys(labels)]).toEqual([metric, Object.keys(declared.get(metric)?.labels ?? { none: '' })])
  }
})

needs(['helm', 'promtool'], 'the alerts of the chart', () => {
  let rendered: RuleGroups
  beforeAll(async () => {
    rendered = await renderAlerts([], minimal)
  })

  test.for(profiles)('are rules that Prometheus accepts, in the profile $profile', async ({ file }) => {
    await using directory = await temporaryDirectory('alerts')
    const groups = await renderAlerts(['--values', file])
    await writeFile(join(directory.path, 'rules.yaml'), stringify(groups))
    const result = await promtool(['check', 'rules', '--lint-fatal', 'rules.yaml'], { cwd: directory.path })
    expect(result).toEqual({ code: 0, output: expect.stringContaining(`SUCCESS: ${alertTable.length} rules found`) })
  })

  test('stand in the table, all of them, and nothing else does', async () => {
    const rules = rendered.groups.flatMap((group) => group.rules)
    expect(alertTable.map(({ alert }) => alert).toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted())
  })

  test.for(alertTable)('$alert fires, with what its page $page tells one to look at, and only then', async (row) => {
    expect(await tested(row, rendered)).toEqual(passed)
  })

  test('GatehouseRevocationsStale goes by the bound that is set, and says what the replica does beyond it', async () => {
    const values = { ...minimal, revocation: { maxStaleness: '90s', onStale: 'Allow' } }
    const summary =
      'A replica has not known all revocations for longer than revocation.maxStaleness: it lets people in who may have been revoked.'
    const row: AlertRow = {
      alert: 'GatehouseRevocationsStale',
      severity: 'critical',
      page: 'revocations-stale',
      sick: [{ title: 'above', series: view({ a: '91x20' }), fired: [{ labels: { pod: 'a' }, summary }], from: 1 }],
      quiet: [{ title: 'below', series: view({ a: '90x200' }) }],
    }
    expect(await tested(row, await renderAlerts([], values))).toEqual(passed)
  })

  test.for(profiles)('go by the name of what is scraped, in the profile $profile', async ({ file }) => {
    const enabled = ['serviceMonitor', 'prometheusRule'].flatMap((one) => ['--set', `monitoring.${one}.enabled=true`])
    const objects = await render('helm', ['--values', file, ...enabled])
    const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor') as KubeObject
    const wanted = Object.entries<string>(at(monitor, 'spec.selector.matchLabels'))
    const services = objects.filter(
      ({ kind, metadata: { labels } }) =>
        kind === 'Service' && wanted.every(([label, value]) => labels?.[label] === value),
    )
    expect(services.map(({ metadata }) => metadata.namespace)).toEqual(at(monitor, 'spec.namespaceSelector.matchNames'))
    const [service] = services as [KubeObject]
    expect(at(service, 'spec.ports.0.name')).toBe(at(monitor, 'spec.endpoints.0.port'))
    const { groups } = at(objects.find(({ kind }) => kind === 'PrometheusRule') as KubeObject, 'spec') as RuleGroups
    const { name, namespace } = service.metadata
    for (const { expr, labels } of groups.flatMap(({ rules }) => rules)) {
      for (const [selector] of expr.matchAll(/gatehouse_\w+(?:\{[^}]*\})?/g)) {
        expect(selector).toContain(`{job="${name}",namespace="${namespace}"`)
      }
      expect(labels).toMatchObject({ job: name, namespace })
    }
  })
})

const passed = { code: 0, output: expect.stringContaining('SUCCESS') }

async function tested(row: AlertRow, groups: RuleGroups) {
  await using directory = await temporaryDirectory('alerts')
  return await testAlert(row, groups, directory.path)
}
