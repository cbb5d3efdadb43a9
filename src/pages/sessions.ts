import { type Answer, page } from './answer.ts'
import { link } from './href.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { type Person, personRow } from './person.ts'

/** One sign-in of the person. */
export interface SessionRow {
  /** What its button posts as `session`. */
  readonly sid: string
  readonly device: string
  readonly clientAddress: string | undefined
  /** Display name of the provider. */
  readonly provider: string | undefined
  /** Milliseconds since 1970. */
  readonly signedInAtMs: number
  readonly lastSeenAtMs: number
  /** The one that this page is shown to. */
  readonly isThisOne: boolean
}

/** What has just been done. */
export type SessionsNotice = 'ended' | 'gone' | 'others-ended'

export interface SessionsData {
  readonly person: Person
  /** In the order shown. */
  readonly sessions: readonly SessionRow[]
  /** Whether there are, or may be, sessions besides this one. */
  readonly hasOthers: boolean
  /** Leads to those that are not shown here. */
  readonly moreHref: string | undefined
  readonly notice: SessionsNotice | undefined
  /** Origins that the answer to a sign-out may redirect to: the providers' end-session endpoints. */
  readonly formOrigins: readonly string[]
}

/** 200: where a person is signed in, and the buttons to end that. */
export function sessionsPage(data: SessionsData): Answer {
  const { person, sessions, hasOthers, moreHref, notice, formOrigins } = data
  const content = html`<h1>Where you are signed in</h1>
<p class="soft">Each entry is a browser in which you signed in here. Times are in UTC.</p>
${notice !== undefined && html`<p class="notice" role="status">${NOTICES[notice]}</p>`}
<ul class="sessions">${sessions.map(sessionItem)}</ul>
${moreHref !== undefined && html`<p class="after">${link(moreHref, 'Show more')}</p>`}
<div class="ways">${hasOthers && OTHERS}${EVERYWHERE}</div>
<p class="section soft">Is there one that you do not know? Then sign out everywhere, this device too: that also ends what this list may have missed.</p>
<p class="after">${link('/', 'Your apps')}</p>`
  const aside = personRow(person, link('/logout', 'Sign out'))
  return page(200, layout({ title: 'Where you are signed in', content, shape: 'wide', aside }), { formOrigins })
}

const NOTICES: Readonly<Record<SessionsNotice, string>> = {
  ended: 'That device is signed out.',
  gone: 'That device was signed out already.',
  'others-ended': 'All other devices that were listed are signed out.',
}

const OTHERS = html`<form method="post" action="/sessions"><button class="button" type="submit" name="others" value="end">Sign out all other devices</button></form>`

const EVERYWHERE = html`<form method="post" action="/logout"><button class="quiet" type="submit" name="scope" value="everywhere">Sign out everywhere, this device too</button></form>`

function sessionItem(session: SessionRow): Html {
  const { sid, device, clientAddress, provider, signedInAtMs, lastSeenAtMs, isThisOne } = session
  const label = `Sign out ${isThisOne ? 'this device' : device}`
  // This one goes the way of every sign-out, so that its cookie and the provider's session end too.
  const form = isThisOne
    ? html`<form method="post" action="/logout"><button class="quiet" type="submit" aria-label="${label}">Sign out</button></form>`
    : html`<form method="post" action="/sessions"><button class="quiet" type="submit" name="session" value="${sid}" aria-label="${label}">Sign out</button></form>`
  return html`<li class="session"><div><h2><bdi>${device}</bdi>${isThisOne && html` <span class="badge">This device</span>`}</h2>
<dl class="facts">${fact('Last seen', isThisOne ? 'now' : moment(lastSeenAtMs))}${fact('Signed in', moment(signedInAtMs))}${clientAddress !== undefined && fact('From', html`<bdi>${clientAddress}</bdi>`)}${provider !== undefined && fact('With', html`<bdi>${provider}</bdi>`)}</dl></div>${form}</li>`
}

function fact(term: string, description: Html | string): Html {
  return html`<div><dt>${term}</dt><dd>${description}</dd></div>`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment for people, to the minute. */
function moment(atMs: number): Html {
  const iso = new Date(atMs).toISOString()
  const [year, month, day] = iso.slice(0, 10).split('-')
  const words = `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${iso.slice(11, 16)}`
  return html`<time datetime="${iso}">${words}</time>`
}
