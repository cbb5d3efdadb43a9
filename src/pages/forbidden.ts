import type { Reason, RuleErrorReason } from '../policy/reasons.ts'
import { type Answer, page } from './answer.ts'
import { place } from './app-label.ts'
import { authorsWords } from './authors-words.ts'
import { finePrint } from './fine-print.ts'
import { link } from './href.ts'
import { html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { reasonText } from './reason-text.ts'

export interface ForbiddenData {
  readonly reason: Reason
  /** Why policies came out error on the way, where they did. */
  readonly ruleErrors?: readonly RuleErrorReason[] | undefined
  /** Title of the app; undefined where there is none at this address. */
  readonly application: string | undefined
  readonly host: string | undefined
  /** Email address or name of whoever is signed in. */
  readonly who: string | undefined
  /** The author's own words; line breaks are kept. */
  readonly denyMessage: string | undefined
  readonly switchAccountHref?: string | undefined
  readonly reference?: string | undefined
}

/** 403 of a check itself, where the proxy relays bodies: as short as a check's answer should be. */
export function forbiddenPage(data: ForbiddenData): Answer {
  const { reason, ruleErrors = [], application, host, who, denyMessage, switchAccountHref, reference } = data
  const { why, next } = reasonText(reason, ruleErrors)
  const goal = application ?? host
  const content = html`${icon('lock', 'stop')}
<h1>You can’t open ${goal === undefined ? 'this page' : html`<bdi>${goal}</bdi>`}</h1>
${place(goal, host)}
<p>${why}</p>
<p class="soft">${next}</p>
${authorsWords(denyMessage)}
${who !== undefined && html`<p class="section">You are signed in as <strong><bdi>${who}</bdi></strong>.</p>`}
${switchAccountHref !== undefined && html`<div class="actions">${link(switchAccountHref, 'Switch account', 'button')}</div>`}
${finePrint({ reasons: [reason, ...ruleErrors], reference })}`
  return page(403, layout({ title: goal === undefined ? 'No access' : `No access to ${goal}`, content }))
}
