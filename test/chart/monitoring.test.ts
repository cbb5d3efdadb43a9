import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricList } from '../../src/observe/metric-list.ts'
import { type GatehouseAlone, startGatehouseAlone } from '../parts/gatehouse-alone.ts'
import { needs } from '../parts/needs.ts'
import { type PrometheusPart, startPrometheus } from '../parts/prometheus.ts'
import { until } from '../parts/until.ts'
import { renderAlerts } from './alert-rules.ts'
import { serveEveryMetric } from './every-metric.ts'
import { CHART, minimal } from './helm.ts'
import { promtool } from './promtool.ts'
import { unknownMetrics } from './unknown-metrics.ts'

const text = readFileSync(join(CHART, 'files', 'dashboards', 'gatehouse.json'), 'utf8')

interface Panel {
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

interface Variable {
  readonly name: string
  readonly definition?: string
}

const dashboard: { readonly panels: readonly Panel[]; readonly templating: { readonly list: readonly Variable[] } } =
  JSON.parse(text)

const expressions = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legend: legendFormat })),
)
const definitions = dashboard.templating.list.flatMap(({ name, definition }) =>
  definition === undefined ? [] : [{ name, definition }],
)

/** As Grafana puts in what the user has chosen; a rate goes over at least four scrapes. */
function filledIn(expression: string, namespace: string): string {
  return expression
    .replaceAll('$namespace', namespace)
    .replaceAll('$application', '.*')
    .replaceAll('$__rate_interval', '5s')
}

describe('the dashboard', () => {
  test('asks for metrics that there are', () => {
    expect(unknownMetrics(text)).toEqual([])
  })

  test('shows every metric of Gatehouse', () => {
    const names = Object.values(metricList).map(({ name }) => name)
    expect(names.filter((name) => !new RegExp(`\\b${name}(?:_bucket)?\\b`).test(text))).toEqual([])
  })

  test('has panels that lie beside each other', () => {
    const cells = new Set<string>()
    for (const { gridPos, title } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x} ${y}`), title).toBe(false)
          cells.add(`${x} ${y}`)
        }
      }
    }
  })
})

/** The namespace of a release where all is well. */
const QUIET = 'quiet'

needs(['prometheus', 'promtool', 'helm'], 'with a real Prometheus that scrapes Gatehouse', () => {
  const stack = new AsyncDisposableStack()
  let alone: GatehouseAlone
  let prometheus: PrometheusPart

  beforeAll(async () => {
    const every = stack.use(await serveEveryMetric())
    alone = stack.use(await startGatehouseAlone())
    const address = `127.0.0.1:${alone.ports.ops}`
    // By a name that the release was given.
    prometheus = stack.use(
      await startPrometheus({
        job: 'gate-ops',
        targets: [
          { address: every.address, labels: { namespace: 'gatehouse', pod: 'every' } },
          { address, labels: { namespace: 'gatehouse', pod: 'alone' } },
          { address, labels: { namespace: QUIET, pod: 'quiet' } },
        ],
      }),
    )
    const checks = setInterval(() => void check(alone), 200)
    stack.defer(() => clearInterval(checks))
  }, 60_000)
  afterAll(() => stack.disposeAsync())

  test.for(expressions)('the dashboard shows something in "$title": $legend', async ({ expr, legend }) => {
    const labels = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
    const samples = await until('there is something', async () => {
      const found = await prometheus.query(filledIn(expr, 'gatehouse'))
      return found.some(({ value }) => Number.isFinite(value)) && found
    })
    for (const label of labels) expect(samples.map((sample) => sample.labels)).toContainEqual(withLabel(label))
  })

  test.for(definitions)('the dashboard has values to choose from for $name', async ({ definition }) => {
    const [, metric = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
    const samples = await until('there are some', async () => {
      const found = await prometheus.query(filledIn(`count by (${label}) (${metric})`, 'gatehouse'))
      return found.length > 0 && found
    })
    expect(samples.map((sample) => sample.labels)).toContainEqual(withLabel(label))
  })

  test('every alert looks at series that there are', async () => {
    const rules = (await renderAlerts(['--set', 'fullnameOverride=gate'], minimal)).groups.flatMap(
      (group) => group.rules,
    )
    expect(rules).not.toEqual([])
    for (const { alert, expr } of rules) {
      const selectors = expr.match(/gatehouse_\w+\{[^}]*\}/g) ?? []
      expect(selectors, alert).not.toEqual([])
      for (const selector of selectors) {
        await until(`${alert} finds ${selector}`, async () => (await prometheus.query(selector)).length > 0)
      }
    }
  })

  test('the dashboard says that nothing was unavailable, not nothing, where all is well', async () => {
    const { expr = '' } = expressions.find(({ title }) => title === 'Unavailable') ?? {}
    const [sample] = await until('there is something', async () => {
      const found = await prometheus.query(filledIn(expr, QUIET))
      return found.some(({ value }) => !Number.isNaN(value)) && found
    })
    expect(sample?.value).toBe(0)
  })

  test('the metrics are such as Prometheus takes, but for names that the package of the process has given', async () => {
    const metrics = await alone.metrics()
    expect(metrics).toMatch(/^gatehouse_ready 1$/m)
    const { output } = await promtool(['check', 'metrics'], { input: metrics })
    const complaints = output.split('\n').filter((line) => line !== '')
    expect(complaints).toEqual(
      ['handles', 'requests', 'resources'].map(
        (name) => `nodejs_active_${name}_total non-counter metrics should not have "_total" suffix`,
      ),
    )
  })
})

function withLabel(label: string): unknown {
  return expect.objectContaining({ [label]: expect.stringMatching(/./) })
}

function check({ ports }: GatehouseAlone): Promise<unknown> {
  const headers = {
    'X-Forwarded-Method': 'GET',
    'X-Forwarded-Host': 'app.localhost',
    'X-Forwarded-Uri': '/',
    'X-Forwarded-For': '192.0.2.7',
  }
  return fetch(`http://127.0.0.1:${ports.check}/forward/app/default/app`, { headers }).catch(() => undefined)
}
