import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { AlertRow, Fired, Quiet, Series } from './alert-row.ts'
import { ready } from './alert-series.ts'
import { at } from './container.ts'
import { render } from './helm.ts'
import { type PromtoolResult, promtool } from './promtool.ts'

const BASE_URL = 'https://runbooks.example.com/gatehouse'
const TARGET = { namespace: 'gatehouse', job: 'gatehouse-ops' }

/** A rule as the chart renders it. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Groups of rules, which are what a rule file of Prometheus holds. */
export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[]
}

/** The alerts that the chart renders, whether or not the values ask for them. */
export async function renderAlerts(args: readonly string[], values: object = {}): Promise<RuleGroups> {
  const prometheusRule = ['enabled=true', `runbookBaseUrl=${BASE_URL}`]
  const set = prometheusRule.flatMap((value) => ['--set', `monitoring.prometheusRule.${value}`])
  const rules = (await render('helm', [...args, ...set], values)).filter(({ kind }) => kind === 'PrometheusRule')
  return { groups: rules.flatMap((rule) => at(rule, 'spec').groups) }
}

/** Has promtool evaluate an alert over all the series of its row, and compare when it fires, and how it looks. */
export async function testAlert(row: AlertRow, { groups }: RuleGroups, directory: string): Promise<PromtoolResult> {
  const rules = groups.flatMap((group) => group.rules).filter(({ alert }) => alert === row.alert)
  await writeFile(join(directory, 'rules.yaml'), stringify({ groups: [{ name: row.alert, rules }] }))
  const tests = [
    ...row.sick.flatMap(({ title, series, fired, from, over }) => [
      unitTest(row, title, series, [
        [from - 0.5, []],
        [from, fired],
        ...(over === undefined
          ? []
          : ([
              [over - 0.5, fired],
              [over, []],
            ] as const)),
      ]),
      // Rates look back over a quarter of an hour: by then nobody is called because of a replica that is gone.
      ...(row.alert === 'GatehouseDown'
        ? []
        : [unitTest(row, `${title}, then gone`, series.map(thenGone), [[90, []]])]),
    ]),
    ...[...row.quiet, nothing].map(({ title, series }) => unitTest(row, title, series, atAllTimes)),
  ]
  const file = `${row.alert}.yaml`
  await writeFile(join(directory, file), stringify({ rule_files: ['rules.yaml'], evaluation_interval: '30s', tests }))
  return promtool(['test', 'rules', file], { cwd: directory })
}

/** No alert but the one for the absence of all may take what is absent for bad, nor be brought up by it. */
const nothing: Quiet = {
  title: 'nothing is known but that a replica is ready',
  series: ready({ a: '1x240' }),
}

const atAllTimes = Array.from({ length: 180 }, (_, half) => [half / 2, []] as const)

function thenGone(one: Series): Series {
  return { ...one, values: one.values.endsWith('stale') ? one.values : `${one.values} stale` }
}

function unitTest(
  { alert, severity, page }: AlertRow,
  title: string,
  given: readonly Series[],
  expected: readonly (readonly [minute: number, fired: readonly Fired[]])[],
): object {
  return {
    name: title,
    interval: '30s',
    input_series: given.map(({ metric, labels, pod, values }) => ({
      series: `${metric}{${labelsIn({ ...TARGET, pod, instance: `${pod}:9090`, ...labels })}}`,
      values,
    })),
    alert_rule_test: expected.map(([minute, fired]) => ({
      eval_time: `${minute * 60}s`,
      alertname: alert,
      exp_alerts: fired.map(({ labels, summary }) => ({
        exp_labels: { severity, ...TARGET, ...labels },
        exp_annotations: { summary, runbook_url: `${BASE_URL}/${page}.md` },
      })),
    })),
  }
}

function labelsIn(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')
}
