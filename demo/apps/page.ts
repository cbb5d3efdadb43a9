import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Html, html } from '../../src/pages/html.ts'
import type { Verified } from './assertion.ts'

/** Where the pages of an app link to. */
export interface Links {
  /** Each app of the demo, by name. */
  readonly apps: Readonly<Record<string, string>>
  /** The page of all apps on the auth host. */
  readonly launcher: string
}

export interface AppPage {
  readonly title: string
  /** A CSS colour, so that one sees which app one is in. */
  readonly accent: string
  readonly links: Links
  readonly content: Html
}

/** The shell of every page of the demo apps. The sign-out link is all that an app needs to know of Gatehouse. */
export function appPage({ title, accent, links, content }: AppPage): Html {
  const others = Object.entries(links.apps).filter(([name]) => name !== title)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · demo</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>:root{--accent:${accent}}${STYLESHEET}</style>
</head>
<body>
<header><div class="bar"><strong>${title}</strong>
<nav>${others.map(([name, href]) => html`<a href="${href}">${name}</a>`)}<a href="${links.launcher}">All apps</a>
<a class="out" href="/.gatehouse/logout">Sign out</a></nav></div></header>
<main>${content}</main>
</body>
</html>
`
}

/** Says whether the assertion that came with the request was verified, and what it says. */
export function assertionCard(verified: Verified): Html {
  if ('problem' in verified) {
    return html`<section class="card bad"><h2><span aria-hidden="true">✗</span> Not verified</h2>
<p>The assertion proves nothing: ${verified.problem}.</p></section>`
  }
  const { iss, aud, email, idp, groups, exp } = verified.claims
  return html`<section class="card good"><h2><span aria-hidden="true">✓</span> Verified</h2>
<p>The assertion was signed by <b>${String(iss)}</b> for this app alone. That cannot be forged, not even by a request that
came past the proxy.</p>
${facts({
  email: String(email),
  'identity provider': String(idp),
  groups: Array.isArray(groups) ? groups.join(', ') : undefined,
  audience: `${String(aud).slice(0, 12)}…`,
  'good until': exp === undefined ? undefined : `${new Date(exp * 1000).toISOString().slice(11, 16)} UTC`,
})}</section>`
}

/** A list of names and values; what is undefined is left out. */
export function facts(values: Readonly<Record<string, string | undefined>>): Html {
  const rows = Object.entries(values).map(
    ([name, value]) =>
      value !== undefined && html`<div><dt>${name}</dt><dd data-fact="${name}">${value || '–'}</dd></div>`,
  )
  return html`<dl>${rows}</dl>`
}

/** The one value of a header, undefined if there is none or several. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name.toLowerCase()]
  return values?.length === 1 ? values[0] : undefined
}

export function sendHtml(response: ServerResponse, status: number, page: Html): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(`${page}`)
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body, undefined, 2)}\n`)
}

const STYLESHEET = html`
:root{color-scheme:light dark;--ground:#f5f5f2;--card:#fff;--ink:#1d2326;--soft:#5a6468;--line:#dcdcd6;--good:#1b6e47;--bad:#a12d22}
@media (prefers-color-scheme:dark){:root{--ground:#131719;--card:#1c2225;--ink:#e8ebea;--soft:#a3adb0;--line:#333b3e;--good:#7fd3a6;--bad:#f2a59b}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
header{background:var(--accent);color:#fff}
.bar,main{max-width:62rem;margin:0 auto;padding:0 1.25rem}
.bar{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.25rem 2rem;min-height:3.5rem;padding-top:.5rem;padding-bottom:.5rem}
.bar strong{font-size:1.1rem}
nav{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.25rem}
nav a{color:#fff;text-underline-offset:.25em;text-decoration-thickness:1px}
nav .out{padding:.25rem .8rem;border:1px solid #fff9;border-radius:.4rem;text-decoration:none}
nav a:hover{text-decoration-thickness:2px}nav .out:hover{background:#fff2}
main{padding-top:2.5rem;padding-bottom:4rem}
h1{margin:0;font-size:1.9rem;line-height:1.2;letter-spacing:-.02em}h2{margin:0 0 .5rem;font-size:1.05rem}
p{margin:.5rem 0;max-width:44rem}.soft,dt,th{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem;margin-top:1.75rem;align-items:start}
.card{padding:1.25rem 1.4rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
.good{border-color:var(--good)}.good h2{color:var(--good)}.bad{border-color:var(--bad)}.bad h2{color:var(--bad)}
dl{display:grid;gap:.5rem;margin:1rem 0 0}
dl div{display:grid;grid-template-columns:minmax(5.5rem,9rem) minmax(0,2fr);gap:.25rem 1rem}
dd{margin:0}code,pre,.wire dt,.wire dd{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.875rem}
.wire dl div{grid-template-columns:1fr}.wire dd{margin:-.35rem 0 .35rem}
details{margin-top:1rem}summary{cursor:pointer}pre{white-space:pre-wrap;margin:.5rem 0 0}
table{width:100%;border-collapse:collapse;margin-top:.5rem}th,td{padding:.5rem .75rem .5rem 0;text-align:left;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}
th{font-weight:500}td,th{overflow-wrap:normal}.chart{width:50%}meter{width:calc(100% - 2.5rem);height:1rem;vertical-align:-.1rem}
ul{margin:.5rem 0;padding-left:1.2rem}main a{color:inherit;text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px}header :focus-visible{outline-color:#fff}
`
