import { type MetricDeclaration, metricList } from '../../src/observe/metric-list.ts'

/** The reference page of metrics. */
export const generator = {
  file: 'docs/reference/metrics.md',
  content: (): string =>
    `${[INTRODUCTION, ...Object.values<MetricDeclaration>(metricList).map(section)].join('\n\n')}\n`,
}

const INTRODUCTION = `# Metrics

Served by the ops listener at \`/metrics\`, in Prometheus’ text format. No label says anything about a person, and none
carries a text that a client chose. Beside the metrics of this page stand those of the process: \`process_…\` and \`nodejs_…\`.`

function section({ name, type, help, labels, buckets }: MetricDeclaration): string {
  const rows = Object.entries(labels).map(([label, meaning]) => `| \`${label}\` | ${meaning} |`)
  const table = rows.length === 0 ? ['No labels.'] : ['| label | holds |', '| --- | --- |', ...rows]
  const bounds = buckets === undefined ? [] : ['', `Buckets, in seconds: ${buckets.join(', ')}.`]
  return [`## ${name}`, '', `${capital(type)}. ${help}`, '', ...table, ...bounds].join('\n')
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
