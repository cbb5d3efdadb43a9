import { Histogram } from 'prom-client'

/** How long things took, by bucket. */
export interface Durations {
  /** Counts one duration. Allocates nothing. */
  observe(seconds: number): void
}

/** A histogram that is filled outside of prom-client, whose `observe` hashes its labels each time, and only read at a scrape. */
export class DurationHistogram extends Histogram {
  readonly #name: string
  readonly #help: string
  readonly #label: string
  readonly #bounds: readonly number[]
  readonly #rows: DurationRow[] = []

  constructor(declaration: { name: string; help: string; label: string; buckets: readonly number[] }) {
    const { name, help, label, buckets } = declaration
    super({ name, help, labelNames: [label], buckets: [...buckets], registers: [] })
    this.#name = name
    this.#help = help
    this.#label = label
    this.#bounds = buckets
  }

  /** Adds a series. The caller keeps it and asks once for each value of the label. */
  row(value: string): Durations {
    const row = new DurationRow({ [this.#label]: value }, this.#bounds)
    this.#rows.push(row)
    return row
  }

  /** What the registry reads. */
  async getForPromString() {
    const values = this.#rows.flatMap((row) => row.values(this.#bounds, this.#name))
    return { name: this.#name, help: this.#help, type: 'histogram', values, aggregator: 'sum' }
  }
}

class DurationRow implements Durations {
  readonly #labels: Readonly<Record<string, string>>
  readonly #bounds: Float64Array
  /** One more than there are bounds: the last is for what is above all of them. Doubles, since 32 bits last a day. */
  readonly #counts: Float64Array
  #sum = 0

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.#labels = labels
    this.#bounds = Float64Array.from(bounds)
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(seconds: number): void {
    const bounds = this.#bounds
    const taken = Number.isFinite(seconds) ? seconds : 0
    let index = 0
    // From below, since nearly every check falls into the first bucket or two.
    while (index < bounds.length && taken > (bounds[index] ?? 0)) index++
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum += taken
  }

  values(bounds: readonly number[], name: string) {
    const series = (suffix: string, value: number, labels = {}) => ({
      metricName: `${name}_${suffix}`,
      labels,
      sharedLabels: this.#labels,
      value,
    })
    let below = 0
    const buckets = bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0
      return series('bucket', below, { le: bound })
    })
    const count = below + (this.#counts[bounds.length] ?? 0)
    return [...buckets, series('bucket', count, { le: '+Inf' }), series('sum', this.#sum), series('count', count)]
  }
}
