import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Html, html } from '../../src/pages/html.ts'
import type { Verified, Verify } from './assertion.ts'
import { appPage, assertionCard, headerOf, type Links, sendHtml, sendJson } from './page.ts'

const FIGURES = [
  { month: 'January', deployments: 41, incidents: 3 },
  { month: 'February', deployments: 58, incidents: 2 },
  { month: 'March', deployments: 73, incidents: 1 },
]

export interface ReportsSettings {
  /** For the pages. */
  readonly verify: Verify
  /** For what is below `/api`: another application, so another audience. */
  readonly verifyApi: Verify
  readonly links: Links
}

/** An app with pages for some people and an API, below `/api`, for more of them. Who may do what is not written here. */
export function reports({ verify, verifyApi, links }: ReportsSettings) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const assertion = headerOf(request, 'Gatehouse-Jwt-Assertion')
    if (/^\/api(?:[/?]|$)/.test(request.url ?? '')) return api(request, response, await verifyApi(assertion))
    const verified = await verify(assertion)
    const page = appPage({ title: 'Reports', accent: '#7a3d63', links, content: figures(verified) })
    sendHtml(response, 'claims' in verified ? 200 : 403, page)
  }
}

function api({ method }: IncomingMessage, response: ServerResponse, verified: Verified): void {
  if ('problem' in verified) {
    sendJson(response, 403, { error: verified.problem })
    return
  }
  const { email } = verified.claims
  if (method === 'GET') sendJson(response, 200, { verified: true, email, figures: FIGURES })
  else sendJson(response, 200, { verified: true, email, did: `${method}, which only engineers may do` })
}

function figures(verified: Verified): Html {
  if ('problem' in verified) return assertionCard(verified)
  const rows = FIGURES.map(
    ({ month, deployments, incidents }) => html`<tr><td>${month}</td>
<td class="chart"><meter min="0" max="100" value="${deployments}"></meter> ${deployments}</td><td>${incidents}</td></tr>`,
  )
  return html`<h1>Reports</h1>
<p class="soft">For engineering only. Bob of sales does not get here.</p>
<div class="cards">
<section class="card"><h2>This quarter</h2>
<table><thead><tr><th>Month</th><th>Deployments</th><th>Incidents</th></tr></thead><tbody>${rows}</tbody></table>
<p>The same as data: <a href="/api/figures">/api/figures</a>, which is an application of its own and open to sales too.</p>
</section>
${assertionCard(verified)}
</div>`
}
