import { type Html, html } from './html.ts'

/** What the author of an application says to those it refuses, with its line breaks. */
export function authorsWords(denyMessage: string | undefined): Html | undefined {
  const words = denyMessage?.trim()
  return words === undefined || words === '' ? undefined : html`<blockquote>${words}</blockquote>`
}
