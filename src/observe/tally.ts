import { Counter } from 'prom-client'

/** One series of a tally. Whoever counts holds on to it and adds to `value`, which costs nothing but the addition. */
export interface Series<Label extends string = string> {
  readonly labels: Readonly<Record<Label, string>>
  value: number
}

const NO_LABELS = {}

/** A counter that is counted outside of prom-client, whose `inc` hashes its labels each time, and only read at a scrape. */
export class Tally<Label extends string> extends Counter<Label> {
  readonly #series: Series<Label>[] = []

  /** Adds a series. The caller keeps it and asks once for each set of labels. */
  series(labels: Readonly<Record<Label, string>>): Series<Label> {
    const series: Series<Label> = { labels, value: 0 }
    this.#series.push(series)
    return series
  }

  override async get(): ReturnType<Counter<Label>['get']> {
    return { ...(await super.get()), values: [...this.#series] }
  }

  /** What the registry reads in place of `get` for its text: labels given as shared ones are rendered once and kept. */
  async getForPromString() {
    const values = this.#series.map(({ labels, value }) => ({ labels: NO_LABELS, sharedLabels: labels, value }))
    return { ...(await super.get()), values }
  }
}
