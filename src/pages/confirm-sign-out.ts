import { type Answer, page } from './answer.ts'
import { admittedHref, link } from './href.ts'
import { html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { type Person, personRow } from './person.ts'

export interface ConfirmSignOutData {
  readonly person: Person
  /** Where the form is posted to. */
  readonly action: string
  /** Whether signing out on every device is offered; it posts `scope=everywhere`. */
  readonly offersEverywhere: boolean
  /** Origins that the answer to the form may redirect to: the auth host's and the providers' end-session endpoints. */
  readonly formOrigins: readonly string[]
  /** Where one goes who would rather stay. */
  readonly backHref?: string | undefined
}

/**
 * 200: asks before signing out, since a link must not sign anybody out by itself.
 *
 * @throws {TypeError} if `action` is not admitted as a link's target would be
 */
export function confirmSignOutPage(data: ConfirmSignOutData): Answer {
  const action = admittedHref(data.action)
  if (action === undefined) throw new TypeError('the form’s action is not admitted')
  const everywhere =
    data.offersEverywhere &&
    html`<button class="quiet" type="submit" name="scope" value="everywhere">Sign out on every device</button>`
  const content = html`${icon('door')}
<h1>Sign out?</h1>
<p>This closes all apps that you opened in this browser.</p>
${personRow(data.person)}
<form class="actions" method="post" action="${action}"><button class="button" type="submit">Sign out</button>${everywhere}</form>
${data.backHref !== undefined && html`<p class="after">${link(data.backHref, 'Stay signed in')}</p>`}`
  return page(200, layout({ title: 'Sign out', content }), { formOrigins: data.formOrigins })
}
