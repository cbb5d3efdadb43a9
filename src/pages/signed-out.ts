import { type Answer, page } from './answer.ts'
import { link } from './href.ts'
import { html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'

export interface SignedOutData {
  /** True after signing out on every device. */
  readonly isEverywhere?: boolean | undefined
  /** Where one can sign in again: the app that was left, or the launcher. */
  readonly back?: { readonly label: string; readonly href: string } | undefined
}

/** 200: nobody is signed in any more. */
export function signedOutPage({ isEverywhere = false, back }: SignedOutData): Answer {
  const content = html`${icon('door')}
<h1>You are signed out</h1>
<p>The apps you had open are closed ${isEverywhere ? 'on all your devices' : 'to this browser'} until you sign in again.</p>
<p class="soft">On a shared computer, close the browser as well.</p>
${back !== undefined && html`<div class="actions">${link(back.href, back.label, 'quiet')}</div>`}`
  return page(200, layout({ title: 'Signed out', content }))
}
