/** Labels of a series or an alert. */
export type Labels = Readonly<Record<string, string>>

/** One series of one replica, as Prometheus has it. */
export interface Series {
  readonly metric: string
  /** Those of the metric itself; the target's own come with the pod. */
  readonly labels: Labels
  readonly pod: string
  /** A value for each half minute, in promtool's notation: `1x3` is 1 and three more, `_` none, `stale` that it is gone. */
  readonly values: string
}

/** What is seen of an alert while it fires. */
export interface Fired {
  /** Beside the severity, the namespace and the job, which every alert has. */
  readonly labels: Labels
  readonly summary: string
}

/** Series by which an alert fires. */
export interface Sick {
  readonly title: string
  readonly series: readonly Series[]
  readonly fired: readonly Fired[]
  /** The minute from which it fires; half a minute before it does not. */
  readonly from: number
  /** The minute in which it is over. */
  readonly over?: number
}

/** Series by which an alert does not fire, at no time. */
export interface Quiet {
  readonly title: string
  readonly series: readonly Series[]
}

/** An alert of the chart. */
export interface AlertRow {
  readonly alert: string
  readonly severity: 'critical' | 'warning'
  /** File in docs/runbooks. */
  readonly page: string
  readonly sick: readonly Sick[]
  readonly quiet: readonly Quiet[]
}

/** One alert that fires, as a list. */
export function fired(summary: string, labels: Labels = {}): Fired[] {
  return [{ summary, labels }]
}
