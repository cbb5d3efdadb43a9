import type { Identity } from '../policy/identity.ts'
import { type Html, type HtmlValue, html } from './html.ts'

/** Somebody who is signed in, as the pages name them. */
export interface Person {
  /** What they know their account by. */
  readonly label: string
  /** Display name of the provider they signed in with. */
  readonly provider: string | undefined
}

/** Names a person by email address, else by name, else by user name. */
export function personOf(identity: Identity, providerDisplayName: string | undefined): Person {
  const { email, name, preferredUsername } = identity
  const label = [email, name, preferredUsername].find((text) => text !== undefined && text.trim() !== '')
  return { label: label ?? 'An account without a name', provider: providerDisplayName }
}

/** A row that says who is signed in. Foreign text is isolated, whichever way it is written, and cut at 120 characters. */
export function personRow({ label, provider }: Person, after?: Html): Html {
  const through = provider !== undefined && html`<span class="soft">Signed in with <bdi>${provider}</bdi></span>`
  return html`<div class="person">${initial(label)}<div><strong><bdi>${breakable(shorten(label))}</bdi></strong>${through}</div>${after}</div>`
}

/** The first letter or digit of a name in a disc, to tell rows apart at a glance. */
export function initial(name: string): Html {
  const letter = /[\p{L}\p{N}]/u.exec(name)?.[0] ?? '•'
  return html`<span class="initial" aria-hidden="true">${letter.toUpperCase()}</span>`
}

/** Lets an address that does not fit its line break after the `@`. */
function breakable(label: string): HtmlValue {
  const at = label.lastIndexOf('@') + 1
  return at === 0 ? label : html`${label.slice(0, at)}<wbr>${label.slice(at)}`
}

function shorten(text: string): string {
  const characters = [...text]
  return characters.length <= MAX_LENGTH ? text : `${characters.slice(0, MAX_LENGTH - 1).join('')}…`
}

const MAX_LENGTH = 120
