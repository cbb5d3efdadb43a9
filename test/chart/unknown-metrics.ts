import { metricList } from '../../src/observe/metric-list.ts'

/** Names of metrics that Gatehouse does not have. */
export function unknownMetrics(text: string): string[] {
  const known: ReadonlySet<string> = new Set(Object.values(metricList).map(({ name }) => name))
  const named = text.match(/\bgatehouse_[a-z_]+/g) ?? []
  return [...new Set(named)].filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum)$/, '')))
}
