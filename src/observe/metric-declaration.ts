/** What a metric is, said once: the registry and the reference page are both made of this. */
export interface MetricDeclaration<Label extends string = string> {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  /** Stands in the scrape and on the reference page. */
  readonly help: string
  /** Each label with what it may hold. No label ever holds anything about a person, nor a text that a client chose. */
  readonly labels: Readonly<Record<Label, string>>
  /** Upper bounds in seconds; only a histogram has them. */
  readonly buckets?: readonly number[]
}
