import { type Answer, page } from './answer.ts'
import { finePrint } from './fine-print.ts'
import { link } from './href.ts'
import { html } from './html.ts'
import { type IconName, type IconTone, icon } from './icons.ts'
import { layout } from './layout.ts'

export interface ErrorPageData {
  readonly status: number
  readonly title: string
  /** What what, in one or two sentences. */
  readonly what: string
  /** What the person can do next. */
  readonly next: string
  readonly link?: { readonly label: string; readonly href: string } | undefined
  /** The stable word for what what; undefined where there is none worth telling. */
  readonly reason: string | undefined
  /** Finds the line in the log. */
  readonly reference?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly icon?: { readonly name: IconName; readonly tone: IconTone } | undefined
}

/** Any page that says that something went wrong. Never says how: that stands in the log, under the reference. */
export function errorPage(data: ErrorPageData): Answer {
  const { status, title, what, next, reason, reference, retryAfterSeconds } = data
  const { name, tone } = data.icon ?? { name: 'alert', tone: 'stop' }
  const content = html`${icon(name, tone)}
<h1>${title}</h1>
<p>${what}</p>
<p class="soft">${next}</p>
${data.link !== undefined && html`<div class="actions">${link(data.link.href, data.link.label, 'button')}</div>`}
${finePrint({ reasons: reason === undefined ? [] : [reason], reference })}`
  return page(status, layout({ title, content }), { retryAfterSeconds })
}
