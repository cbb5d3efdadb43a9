import { type Html, html } from './html.ts'

/** What a person tells their administrator: the stable words of the reason, and the line of the log. */
export interface FinePrint {
  readonly reasons: readonly string[]
  readonly reference: string | undefined
}

/** The small lines at the end of a page; nothing if there is nothing to say. */
export function finePrint({ reasons, reference }: FinePrint): Html | undefined {
  if (reasons.length === 0 && reference === undefined) return undefined
  const words = [...new Set(reasons)].map((word, index) => html`${index > 0 && ', '}<code>${word}</code>`)
  return html`<dl class="fine">${words.length > 0 && row('Reason', html`${words}`)}${reference !== undefined && row('Reference', html`<code>${reference}</code>`)}</dl>`
}

function row(term: string, description: Html): Html {
  return html`<div><dt>${term}</dt><dd>${description}</dd></div>`
}
