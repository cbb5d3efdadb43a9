import { admittedHref } from './href.ts'
import { type Html, html } from './html.ts'
import { CHEVRON } from './icons.ts'
import { initial } from './person.ts'

/** A provider that one can sign in with, and where choosing it leads. */
export interface Choice {
  readonly name: string
  readonly href: string
}

/** Providers as a list of links, in the order given. */
export function choiceList(choices: readonly Choice[]): Html {
  return html`<ul class="choices">${choices.map(choiceRow)}</ul>`
}

function choiceRow({ name, href }: Choice): Html {
  const target = admittedHref(href)
  const label = html`${initial(name)}<bdi>${name}</bdi>`
  if (target === undefined) return html`<li><span class="off">${label}</span></li>`
  return html`<li><a href="${target}">${label}${CHEVRON}</a></li>`
}
