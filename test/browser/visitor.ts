import type { BrowserContext, Page } from 'playwright-core'
import { until } from '../parts/until.ts'
import { AUTH_HOST } from './manifests.ts'

/** A request as the app shows it; what stands there twice is joined. */
export interface Shown {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** What the app that is open in this page received. Throws if no app is open. */
export async function shown(page: Page): Promise<Shown> {
  const text = (await page.locator('pre').textContent()) ?? ''
  const { method, url, headers } = JSON.parse(text) as Shown & { headers: Record<string, string[]> }
  return {
    method,
    url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(', ')])),
  }
}

/** Follows a provider's link on the chooser, by the keyboard: a click waits long for a tab in the background. */
export async function choose(page: Page, displayName: string): Promise<void> {
  await page.getByRole('link', { name: displayName, exact: true }).press('Enter')
}

/** Fills in the provider's form. */
export async function logInAs(page: Page, login: string): Promise<void> {
  const field = page.getByLabel('Who are you?')
  await field.fill(login)
  await field.press('Enter')
}

/** Opens an address and signs in on the way, with the first provider of the chooser if there is one. */
export async function openAs(page: Page, login: string, url: string, provider = 'Example Company'): Promise<void> {
  await page.goto(url)
  if (new URL(page.url()).host === AUTH_HOST) await choose(page, provider)
  await logInAs(page, login)
  await page.waitForURL(url)
}

/** Names of the cookies that this browser keeps for a host, in order. */
export async function cookieNames(context: BrowserContext, host: string): Promise<string[]> {
  const cookies = await context.cookies(`https://${host}/`)
  return cookies.map(({ name }) => name).sort()
}

/** The one big heading. */
export async function heading(page: Page): Promise<string> {
  return (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
}

/** What the browser complained of, and what it asked for, in all pages of a context from now on. */
export interface Watch {
  /** Errors of pages and of the console, refused by a content security policy included. */
  readonly complaints: readonly string[]
  /** Method, address and kind of each request. */
  readonly requests: readonly { readonly method: string; readonly url: string; readonly kind: string }[]
}

/** Begins to watch a context. */
export function watch(context: BrowserContext): Watch {
  const complaints: string[] = []
  const requests: { method: string; url: string; kind: string }[] = []
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.page()?.url()}: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('request', (request) =>
    requests.push({ method: request.method(), url: request.url(), kind: request.resourceType() }),
  )
  return { complaints, requests }
}

/** Waits until the page shows this heading. */
export async function untilHeading(page: Page, text: string): Promise<void> {
  await until(`the page is headed ${text}`, async () => (await heading(page)) === text)
}
