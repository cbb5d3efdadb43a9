import type { Reason, RuleErrorReason } from '../policy/reasons.ts'
import { type Answer, page } from './answer.ts'
import { type AppLabel, place } from './app-label.ts'
import { authorsWords } from './authors-words.ts'
import { finePrint } from './fine-print.ts'
import { link } from './href.ts'
import { html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { type Person, personRow } from './person.ts'
import { reasonText } from './reason-text.ts'

export interface DeniedData {
  readonly person: Person
  readonly application: AppLabel
  readonly reason: Reason
  /** Why policies came out error on the way, where they did. */
  readonly ruleErrors?: readonly RuleErrorReason[] | undefined
  /** The author's own words; line breaks are kept. */
  readonly denyMessage: string | undefined
  readonly switchAccountHref: string
  readonly signOutHref: string
  readonly reference?: string | undefined
}

/** 403 at the end of a login: who you are, why the app stays shut, and how to come back as somebody else. */
export function deniedPage(data: DeniedData): Answer {
  const { application, person, reason, ruleErrors = [], reference } = data
  const { why, next } = reasonText(reason, ruleErrors)
  const content = html`${icon('lock', 'stop')}
<h1>You can’t open <bdi>${application.title}</bdi></h1>
${place(application.title, application.host)}
<p>${why}</p>
<p class="soft">${next}</p>
${authorsWords(data.denyMessage)}
${personRow(person)}
<div class="actions">${link(data.switchAccountHref, 'Switch account', 'button')}${link(data.signOutHref, 'Sign out', 'quiet')}</div>
${finePrint({ reasons: [reason, ...ruleErrors], reference })}`
  return page(403, layout({ title: `No access to ${application.title}`, content }))
}
