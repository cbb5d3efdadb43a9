import type { Registry } from 'prom-client'
import type { Decision, Outcome } from '../policy/decision.ts'
import type { Reason } from '../policy/reasons.ts'
import { DurationHistogram, type Durations } from './durations.ts'
import { boundedLabel } from './label.ts'
import { metricList } from './metric-list.ts'
import { type Series, Tally } from './tally.ts'

/** Counts decisions. `decided` is called at every check, so it hashes no labels and allocates nothing. */
export interface CheckTally {
  /** Counts one check; `seconds` is the time it took. An application that is not known counts under the empty label. */
  decided(event: {
    readonly dialect: string
    readonly application: string | undefined
    readonly decision: Decision
    readonly seconds: number
  }): void
  /** Counts what went wrong in policies, and what policies in audit mode would have done. */
  findings(application: string | undefined, decision: Decision): void
  /** The key of a known application, else the empty text. */
  applicationLabel(application: string | undefined): string
}

/** By outcome, then reason, then application: few maps at the top, and one entry below for each series there is. */
type SeriesTree = Map<Outcome, Map<Reason, Map<string, Series>>>

interface Dialect {
  readonly label: string
  readonly durations: Durations
  readonly series: SeriesTree
}

/**
 * Makes the counters of checks and registers them.
 *
 * @param isApplication whether a text is the key of an application that is served; asked once for each new series
 */
export function checkTally(registry: Registry, isApplication: (key: string) => boolean): CheckTally {
  const checks = tally(registry, metricList.checks)
  const checkDuration = durationHistogram(registry)
  const errors = pairs(tally(registry, metricList.policyErrors), (application, reason) => ({ application, reason }))
  const audits = pairs(tally(registry, metricList.policyAudits), (application, would_have) => ({
    application,
    would_have,
  }))
  const dialects = new Map<string, Dialect>()
  const dialectLabel = boundedLabel(32)

  const applicationLabel = (application: string | undefined) =>
    application !== undefined && isApplication(application) ? application : ''

  /** Text that a URL brought, where it names no dialect, is never kept. */
  function dialectOf(name: string, reason: Reason): Dialect {
    const label = reason === 'dialect-unknown' || name === '' ? '' : dialectLabel(name)
    let dialect = dialects.get(label)
    if (dialect === undefined) {
      dialect = { label, durations: checkDuration.row(label), series: new Map() }
      dialects.set(label, dialect)
    }
    return dialect
  }

  function newSeries(dialect: Dialect, { outcome, reason }: Decision, named: string | undefined): Series {
    const application = applicationLabel(named)
    const byApplication = child(
      child(dialect.series, outcome, newMap<Reason, Map<string, Series>>),
      reason,
      newMap<string, Series>,
    )
    return child(byApplication, application, () =>
      checks.series({ application, outcome, reason, dialect: dialect.label }),
    )
  }

  function findings(application: string | undefined, decision: Decision): void {
    for (const { reason } of decision.errors) errors(applicationLabel(application), reason).value++
    for (const { wouldHave } of decision.audits) audits(applicationLabel(application), wouldHave).value++
  }

  return {
    findings,
    applicationLabel,
    decided({ dialect: name, application, decision, seconds }) {
      const dialect = dialects.get(name) ?? dialectOf(name, decision.reason)
      dialect.durations.observe(seconds)
      const known = dialect.series
        .get(decision.outcome)
        ?.get(decision.reason)
        ?.get(application ?? '')
      const series = known ?? newSeries(dialect, decision, application)
      series.value++
      if (decision.errors.length !== 0 || decision.audits.length !== 0) findings(application, decision)
    },
  }
}

type Declared = { readonly name: string; readonly help: string; readonly labels: Readonly<Record<string, string>> }

function tally<D extends Declared>(registry: Registry, { name, help, labels }: D) {
  return new Tally<Extract<keyof D['labels'], string>>({
    name,
    help,
    labelNames: Object.keys(labels) as Extract<keyof D['labels'], string>[],
    registers: [registry],
  })
}

function durationHistogram(registry: Registry): DurationHistogram {
  const { name, help, buckets } = metricList.checkDuration
  const histogram = new DurationHistogram({ name, help, label: 'dialect', buckets })
  registry.registerMetric(histogram)
  return histogram
}

/** Series by two labels. */
function pairs<Label extends string>(
  counter: Tally<Label>,
  labels: (first: string, second: string) => Record<Label, string>,
): (first: string, second: string) => Series {
  const known = new Map<string, Map<string, Series>>()
  return (first, second) =>
    child(child(known, first, newMap<string, Series>), second, () => counter.series(labels(first, second)))
}

function newMap<Key, Value>(): Map<Key, Value> {
  return new Map()
}

function child<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
