import { type Html, type HtmlValue, html } from './html.ts'

/**
 * Admits what a link may lead to: an absolute `https:` or `http:` URL without user information, or a path that begins
 * with exactly one `/`. What a browser would read differently from us (spaces, control characters and `\`, which it
 * drops or turns into `/`) is not admitted; `URL.href` never contains it.
 *
 * @returns the same text, or undefined if it may not be linked to
 */
export function admittedHref(text: string): string | undefined {
  if (UNREADABLE.test(text)) return undefined
  if (PATH.test(text)) return text
  if (!WEB.test(text)) return undefined
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' ? text : undefined
}

/** A link, or its label alone where the target is not admitted. The label reads well on its own. */
export function link(target: string, label: HtmlValue, className: 'button' | 'quiet' | 'text' = 'text'): Html {
  const href = admittedHref(target)
  if (href === undefined) return html`<span class="${className} off">${label}</span>`
  return html`<a class="${className}" href="${href}">${label}</a>`
}

const UNREADABLE = /[^\x21-\x7e]|\\/
const PATH = /^\/(?!\/)/
const WEB = /^https?:\/\/[^/]/i
