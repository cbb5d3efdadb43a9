import type { IncomingMessage, ServerResponse } from 'node:http'
import { html } from '../../src/pages/html.ts'
import type { Verify } from './assertion.ts'
import { appPage, assertionCard, facts, headerOf, type Links, sendHtml } from './page.ts'

const IDENTITY_HEADERS = [
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
]

/** An app that shows what it got to know about its visitor. There is no line about logging in here. */
export function whoami({ verify, links }: { readonly verify: Verify; readonly links: Links }) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const assertion = headerOf(request, 'Gatehouse-Jwt-Assertion')
    const verified = await verify(assertion)
    const isVerified = 'claims' in verified
    const headers = Object.fromEntries(IDENTITY_HEADERS.map((name) => [name, headerOf(request, name) ?? '']))
    const content = html`<h1>${isVerified ? `Hello, ${verified.claims.email}` : 'Who are you?'}</h1>
<p class="soft">You asked for <code data-fact="address">${request.url ?? ''}</code>.</p>
<div class="cards">
${assertionCard(verified)}
<section class="card wire"><h2>Identity headers</h2>
<p>What the proxy put in place of anything that the browser sent under these names.</p>
${facts({ ...headers, Cookie: headerOf(request, 'Cookie') ?? '' })}
<details><summary>Gatehouse-Jwt-Assertion</summary><pre>${assertion ?? ''}</pre></details></section>
</div>`
    const page = appPage({ title: 'Who am I?', accent: '#2f4b8f', links, content })
    sendHtml(response, isVerified ? 200 : 403, page)
  }
}
