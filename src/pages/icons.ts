import { type Html, html } from './html.ts'

/** The product's mark: a gatehouse, its arch open. */
export const MARK = html`<svg viewBox="0 0 32 32" aria-hidden="true" fill="currentColor"><path d="M3 29V5h6v4h4V5h6v4h4V5h6v24h-7v-8a6 6 0 0 0-12 0v8z"/></svg>`

/** The mark for the browser's tab, inside the page so that nothing else is asked for. */
export const FAVICON = html`<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath fill='%232f8a80' d='M3 29V5h6v4h4V5h6v4h4V5h6v24h-7v-8a6 6 0 0 0-12 0v8z'/%3E%3C/svg%3E">`

export const CHEVRON = html`<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="m9 5 7 7-7 7"/></svg>`

/** Drawings beside a page's title. They only decorate: the title says the same. */
const DRAWINGS = {
  lock: html`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
  door: html`<path d="M13 4H6v16h7M10 12h10m-4-4 4 4-4 4"/>`,
  alert: html`<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 3.5v.01"/>`,
  pause: html`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>`,
  cookie: html`<path d="M20 12.5A8 8 0 1 1 11.5 4a3.5 3.5 0 0 0 4.5 4.5 3.5 3.5 0 0 0 4 4z"/><path d="M9 10v.01M9 15v.01M13 13v.01M15 17v.01"/>`,
  cut: html`<path d="M9 7H7a5 5 0 0 0 0 10h2m6-10h2a5 5 0 0 1 0 10h-2M9 12h1m4 0h1"/>`,
  search: html`<circle cx="11" cy="11" r="6"/><path d="m20 20-4.5-4.5"/>`,
  grid: html`<rect x="4" y="4" width="6" height="6" rx="1.5"/><rect x="14" y="4" width="6" height="6" rx="1.5"/><rect x="4" y="14" width="6" height="6" rx="1.5"/><rect x="14" y="14" width="6" height="6" rx="1.5"/>`,
} as const

export type IconName = keyof typeof DRAWINGS
export type IconTone = 'calm' | 'stop' | 'wait'

/** One drawing in a disc of the tone's colour, hidden from screen readers. */
export function icon(name: IconName, tone: IconTone = 'calm'): Html {
  return html`<div class="icon ${tone}" aria-hidden="true"><svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">${DRAWINGS[name]}</svg></div>`
}
