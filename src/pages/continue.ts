import { type Answer, type Header, page } from './answer.ts'
import { admittedHref, link } from './href.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'

export interface ContinueData {
  /** The page that was first asked for. */
  readonly href: string
}

/**
 * 200: goes on to the page at once, by a refresh and not by a redirect, so that the navigation begins on this host and
 * the browser sends it cookies that are `SameSite=Strict`. Where refreshes are switched off there is a link.
 */
export function continuePage({ href }: ContinueData, headers: readonly Header[] = []): Answer {
  const content = html`<h1>You are signed in</h1>
<p>The app opens in a moment.</p>
<div class="actions">${link(href, 'Open it now', 'quiet')}</div>`
  return page(200, layout({ title: 'Signed in', content, refresh: admittedHref(href) }), { headers })
}
