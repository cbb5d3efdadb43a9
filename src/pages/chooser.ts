import { type Answer, page } from './answer.ts'
import { type AppLabel, place } from './app-label.ts'
import { type Choice, choiceList } from './choices.ts'
import { link } from './href.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { type Person, personRow } from './person.ts'

export interface ChooserData {
  /** What one signs in to; undefined: to Gatehouse itself. */
  readonly application: AppLabel | undefined
  /** In the order shown. None: the page says that there is no way to sign in. */
  readonly providers: readonly Choice[]
  /** Given when somebody asked for another account: who is signed in now, and where one goes who would rather stay so. */
  readonly switching?: { readonly person: Person | undefined; readonly backHref?: string | undefined } | undefined
}

/** 200: the ways to sign in, as links. */
export function chooserPage({ application, providers, switching }: ChooserData): Answer {
  const title = application?.title
  const verb = switching === undefined ? 'Sign in' : 'Switch account'
  const preposition = switching === undefined ? 'to' : 'for'
  const content = html`<h1>${verb}${title !== undefined && html` ${preposition} <bdi>${title}</bdi>`}</h1>
${place(title, application?.host)}
${switching?.person && personRow(switching.person)}
${invitation(providers.length, switching === undefined ? 'an account' : 'the other account')}
${choiceList(providers)}
${switching?.backHref !== undefined && html`<p class="after">${link(switching.backHref, 'Keep this account')}</p>`}`
  return page(200, layout({ title: title === undefined ? verb : `${verb} ${preposition} ${title}`, content }))
}

function invitation(count: number, account: string): Html {
  if (count > 1) return html`<p class="section">Choose where you have ${account}.</p>`
  if (count === 1) return html`<p class="section">Continue to the page where you have ${account}.</p>`
  return html`<p class="section">There is no way to sign in here yet. Please tell the people who run this site.</p>`
}
