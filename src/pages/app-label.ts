import { type Html, html } from './html.ts'

/** An app as the pages name it. */
export interface AppLabel {
  readonly title: string
  readonly host: string
}

/** The app's address below a page's title; nothing where it is not known or is the title already. */
export function place(title: string | undefined, host: string | undefined): Html | undefined {
  return host === undefined || host === title ? undefined : html`<p class="place"><bdi>${host}</bdi></p>`
}
