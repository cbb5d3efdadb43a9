import { type Answer, page } from './answer.ts'
import { link } from './href.ts'
import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'
import { initial, type Person, personRow } from './person.ts'

/** One app that the person may open. */
export interface LauncherTile {
  readonly title: string
  readonly description: string | undefined
  readonly href: string
}

export interface LauncherData {
  readonly person: Person
  /** In the order shown. */
  readonly tiles: readonly LauncherTile[]
  readonly sessionsHref: string
  readonly signOutHref: string
}

/** 200: the apps that somebody may open. */
export function launcherPage({ person, tiles, sessionsHref, signOutHref }: LauncherData): Answer {
  const content = html`<h1>Your apps</h1>
${tiles.length === 0 ? NO_APPS : html`<ul class="tiles">${tiles.map(tileItem)}</ul>`}`
  const ways = html`<span class="links">${link(sessionsHref, 'Devices')}${link(signOutHref, 'Sign out')}</span>`
  const aside = personRow(person, ways)
  return page(200, layout({ title: 'Your apps', content, shape: 'wide', aside }))
}

function tileItem({ title, description, href }: LauncherTile): Html {
  const words = description !== undefined && html`<p>${description}</p>`
  return html`<li class="tile">${initial(title)}<div><h2>${link(href, html`<bdi>${title}</bdi>`)}</h2>${words}</div></li>`
}

const NO_APPS = html`<div class="card empty">${icon('grid')}<h2>No apps yet</h2><p class="soft">There is no app here that this account may open. If you expected one, ask the people who run it.</p></div>`
