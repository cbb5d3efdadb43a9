import { startLogin } from '../../src/login/app-host.ts'
import { login } from '../../src/login/begin.ts'
import { callback } from '../../src/login/callback.ts'
import { confirmLogout, logoutAtApp, logoutAtAuthHost } from '../../src/login/logout.ts'
import { redeem } from '../../src/login/redeem.ts'
import type { Visit } from '../../src/login/visit.ts'
import { whoAmI } from '../../src/login/who-am-i.ts'
import type { Answer } from '../../src/pages/answer.ts'
import { type SetCookie, setCookies } from './set-cookie.ts'
import type { LoginWorld } from './world.ts'

/** Where a browser ended up. */
export interface Arrival {
  readonly url: URL
  /** Undefined: the address is not Gatehouse's, but an app's or a provider's. */
  readonly answer: Answer | undefined
  /** All addresses on the way, this one included. */
  readonly trail: readonly string[]
}

/** A browser without scripts: cookies by host, and `SameSite` as navigations meet it. */
export interface Browser {
  /** Which cookies it holds for a host, by name. */
  cookies(host: string): Map<string, string>
  /** The `Cookie` header that a host would be sent. */
  cookieHeader(host: string, request?: { isPost?: boolean; isCrossSite?: boolean }): string
  plant(host: string, name: string, value: string): void
  forget(host: string, name: string): void
  /** Names of the cookies that it refuses to keep. */
  refuses: (host: string, name: string) => boolean
  /** One request to Gatehouse; its cookies are kept. */
  visit(url: string | URL, request?: Partial<Visit> & { isCrossSite?: boolean }): Promise<Answer>
  /** Opens an address and follows redirects until a page, an app or a provider. */
  open(url: string | URL, request?: Partial<Visit> & { isCrossSite?: boolean }): Promise<Arrival>
}

export function newBrowser(world: LoginWorld): Browser {
  const jar = new Map<string, Map<string, { cookie: SetCookie; expiresAtMs: number }>>()
  const live = (host: string) =>
    [...(jar.get(host)?.values() ?? [])].filter(({ expiresAtMs }) => expiresAtMs > world.clock.now())

  function keep(host: string, answer: Answer): void {
    const cookies = jar.get(host) ?? new Map()
    jar.set(host, cookies)
    for (const cookie of setCookies(answer)) {
      cookies.delete(cookie.name)
      // What a browser drops without a word: RFC 6265bis, and 4096 bytes of name and value.
      const isTooLarge = cookie.name.length + cookie.value.length > 4096
      if (cookie.maxAge <= 0 || isTooLarge || browser.refuses(host, cookie.name)) continue
      cookies.set(cookie.name, { cookie, expiresAtMs: world.clock.now() + cookie.maxAge * 1000 })
    }
  }

  const browser: Browser = {
    refuses: () => false,
    cookies: (host) => new Map(live(host).map(({ cookie }) => [cookie.name, cookie.value])),
    cookieHeader: (host, { isPost = false, isCrossSite = false } = {}) =>
      live(host)
        .filter(({ cookie: { sameSite } }) => !isCrossSite || sameSite === 'None' || (sameSite === 'Lax' && !isPost))
        .map(({ cookie: { name, value } }) => `${name}=${value}`)
        .join('; '),
    plant(host, name, value) {
      const cookie = { name, value, path: '/', maxAge: 9999, isHttpOnly: true, isSecure: true, sameSite: 'Lax' }
      keep(host, { status: 200, headers: [], body: '' })
      jar.get(host)?.set(name, { cookie, expiresAtMs: Number.POSITIVE_INFINITY })
    },
    forget: (host, name) => void jar.get(host)?.delete(name),
    async visit(url, { isCrossSite = false, ...parts } = {}) {
      const { hostname } = new URL(url)
      const isPost = parts.method === 'POST'
      const cookies = browser.cookieHeader(hostname, { isPost, isCrossSite })
      const answer = await answerTo(world, visitTo(url, { cookies, ...parts }))
      if (answer === undefined) throw new Error(`${url} is not Gatehouse's`)
      keep(hostname, answer)
      return answer
    },
    async open(start, request = {}) {
      const trail: string[] = []
      let url = new URL(start)
      let parts: typeof request = request
      for (let step = 0; step < 40; step += 1) {
        trail.push(url.href)
        if (!isOurs(world, url)) return { url, answer: undefined, trail }
        const answer = await browser.visit(url, parts)
        const location = locationOf(answer)
        if (location === undefined) return { url, answer, trail }
        url = new URL(location, url)
        parts = {}
      }
      throw new Error(`round in circles: ${trail.map((address) => address.slice(0, 60)).join('\n')}`)
    },
  }
  return browser
}

/** A visit of an address, as the listener would have read it. */
export function visitTo(address: string | URL, parts: Partial<Visit> = {}): Visit {
  const url = new URL(address)
  return {
    method: 'GET',
    host: url.hostname,
    path: url.pathname,
    query: new URLSearchParams(url.search),
    target: url.pathname + url.search,
    cookies: '',
    form: undefined,
    origin: undefined,
    secFetchSite: undefined,
    isNavigation: true,
    clientAddress: '192.0.2.7',
    userAgent: 'Test',
    ...parts,
  }
}

export function locationOf({ headers }: Answer): string | undefined {
  return headers.find(([name]) => name === 'Location')?.[1]
}

function isOurs({ ports: { urls } }: LoginWorld, { hostname, pathname }: URL): boolean {
  if (hostname === urls.authHost) return pathname !== '/'
  return pathname.startsWith('/.gatehouse/') && !hostname.endsWith('.idp.test')
}

async function answerTo({ ports }: LoginWorld, visit: Visit): Promise<Answer | undefined> {
  const { method, path } = visit
  if (visit.host !== ports.urls.authHost) {
    if (path === '/.gatehouse/login') return startLogin(ports, visit)
    if (path === '/.gatehouse/authorized') return redeem(ports, visit)
    if (path === '/.gatehouse/logout') return (method === 'POST' ? logoutAtApp : confirmLogout)(ports, visit)
    if (path === '/.gatehouse/identity') return whoAmI(ports, visit)
    return undefined
  }
  if (path === '/login') return login(ports, visit)
  if (path.startsWith('/callback/')) return callback(ports, visit, path.slice('/callback/'.length))
  if (path === '/logout') return (method === 'POST' ? logoutAtAuthHost : confirmLogout)(ports, visit)
  if (path === '/identity') return whoAmI(ports, visit)
  return undefined
}
