import { type Arrival, type Browser, locationOf, newBrowser } from './browser.ts'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld, type WorldOptions } from './world.ts'

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

/** Signed in, and about to open `/.gatehouse/authorized` with a fresh code. */
export async function atTheDoor(options: WorldOptions = {}, page = `${APP}/a?b`) {
  const world = await loginWorld(options)
  const browser = newBrowser(world)
  await signInAtAuthHost(browser)
  const door = await doorFor(browser, page)
  return { world, browser, door }
}

/** The address of `/.gatehouse/authorized` with a fresh code for this page, for somebody who is signed in. */
export async function doorFor(browser: Browser, page: string): Promise<URL> {
  const { origin, pathname, search } = new URL(page)
  const start = await browser.visit(`${origin}/.gatehouse/login?${new URLSearchParams({ rd: pathname + search })}`)
  return new URL(locationOf(await browser.visit(locationOf(start) ?? '')) ?? '')
}

/** The app tokens that a browser holds for a host, by the names of their cookies. */
export function tokens(browser: Browser, host = 'app.example.com'): Map<string, string> {
  return new Map([...browser.cookies(host)].filter(([name]) => /^__Host-gatehouse-[0-9a-f]{16}$/.test(name)))
}

/** How many tokens have been made. */
export function redeemed(world: LoginWorld): number {
  return eventsNamed(world, 'redeemed').length
}
