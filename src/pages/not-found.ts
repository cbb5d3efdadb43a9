import type { Answer } from './answer.ts'
import { errorPage } from './error-page.ts'

export interface NotFoundData {
  readonly host?: string | undefined
  /** Where one can start again. */
  readonly homeHref?: string | undefined
}

/** 404: there is no page, or no app, at this address. */
export function notFoundPage({ host, homeHref }: NotFoundData): Answer {
  return errorPage({
    status: 404,
    title: 'There is nothing here',
    what:
      host === undefined ? 'This address does not lead anywhere.' : `This address on ${host} does not lead anywhere.`,
    next: 'Check the address. If you followed a link, it may be out of date.',
    link: homeHref === undefined ? undefined : { label: 'Go to the start page', href: homeHref },
    reason: undefined,
    icon: { name: 'search', tone: 'calm' },
  })
}
