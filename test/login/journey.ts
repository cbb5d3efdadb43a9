import type { Arrival, Browser } from './browser.ts'
import { AUTH } from './world.ts'

/** Opens an app without a token, as a check's challenge does: up to the provider, or wherever else that leads. */
export function ask(browser: Browser, page: string): Promise<Arrival> {
  const { origin, pathname, search } = new URL(page)
  return browser.open(`${origin}/.gatehouse/login?${new URLSearchParams({ rd: pathname + search })}`)
}

/** The address with which a provider sends the browser back. */
export function returnFrom(provider: URL, answer: Record<string, string>): string {
  const back = new URL(provider.searchParams.get('redirect_uri') ?? '')
  back.search = new URLSearchParams({ ...answer, state: provider.searchParams.get('state') ?? '' }).toString()
  return back.href
}

/** Opens an app's page and signs in with the provider it is sent to. */
export async function signIn(browser: Browser, page: string, person = 'ada'): Promise<Arrival> {
  const atProvider = await ask(browser, page)
  if (atProvider.answer !== undefined) throw new Error(`no provider: ${atProvider.trail.join('\n')}`)
  return browser.open(returnFrom(atProvider.url, { code: person }))
}

/** Signs in at the auth host alone, for the launcher. */
export async function signInAtAuthHost(browser: Browser, person = 'ada', origin = AUTH): Promise<Arrival> {
  const atProvider = await browser.open(`${origin}/login`)
  return browser.open(returnFrom(atProvider.url, { code: person }))
}
