import type { Answer } from './answer.ts'
import { type ErrorPageData, errorPage } from './error-page.ts'

export interface CrossOriginPageData {
  /** What the other site tried to do, such as `sign you out`. */
  readonly attempt: string
  readonly next: string
  readonly link?: ErrorPageData['link']
}

/** Says that a form of another site was refused. */
export function crossOriginPage({ attempt, next, link }: CrossOriginPageData): Answer {
  return errorPage({
    status: 403,
    title: 'That request came from another site',
    what: `A page of another site tried to ${attempt}. Nothing has been changed.`,
    next,
    link,
    reason: 'cross-origin',
  })
}
