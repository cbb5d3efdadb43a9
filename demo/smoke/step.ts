import { ok as assert, equal, match } from 'node:assert/strict'
import type { Demo } from '../start.ts'
import { type Browser, describe, type Page } from './browser.ts'

/** Who is on the way. */
export interface Journey {
  readonly demo: Demo
  readonly alice: Browser
  readonly bob: Browser
  /** Never signs in. */
  readonly stranger: Browser
}

/** Throws if what it looks at is not as it has to be; may answer a remark. */
export type Step = (journey: Journey) => Promise<string | undefined>

/** Opens a page that needs no further login. */
export async function opened(browser: Browser, url: string): Promise<Page> {
  const page = await browser.open(url)
  expectPage(page, 200, url)
  return page
}

/** Expects a status and, if given, an address, its query aside. */
export function expectPage(page: Page, status: number, address?: string): void {
  equal(page.status, status, describe(page))
  if (address !== undefined) assert(page.url.href.split('?')[0] === address, `not at ${address}: ${describe(page)}`)
}

/** Expects what somebody gets who has not signed in. */
export async function expectShut(
  browser: Browser,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await browser.send(url, { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...headers } })
  equal(answer.status, 302, describe(answer))
  match(answer.headers.location ?? '', /\/\.gatehouse\/login\?/)
}
