import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { logInOverHttp, type CookieJar as ProviderCookies } from '../parts/openid-login.ts'

/** What came back, before any redirect is followed. */
export interface Answer {
  readonly url: URL
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A browser without scripts: it keeps cookies by host, follows redirects and fills in the provider's login form. */
export interface Visitor {
  /** One request, as a browser sends it that opens a page; the headers replace or add. */
  ask(url: string | URL, asking?: Asking): Promise<Answer>
  /** Opens a page and follows redirects; at a provider, logs in as `login`. Gives the last answer. */
  open(url: string, login?: string): Promise<Answer & { readonly trail: readonly string[] }>
  /** Its cookies for a host, by name. */
  cookies(host: string): ReadonlyMap<string, string>
  /** Puts a cookie there, or takes it away. */
  setCookie(host: string, name: string, value: string | undefined): void
}

const NAVIGATION = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }
const MOST_STEPS = 12

/**
 * @param port where the proxy listens on 127.0.0.1, whatever the names and ports in the URLs say
 */
export function createVisitor(port: number): Visitor {
  const jars = new Map<string, Map<string, string>>()
  const atProviders: ProviderCookies = new Map()

  const jarOf = (host: string) => {
    const jar = jars.get(host) ?? new Map<string, string>()
    jars.set(host, jar)
    return jar
  }

  async function ask(address: string | URL, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Answer> {
    const url = new URL(address)
    const cookie = [...jarOf(url.hostname)].map(([name, value]) => `${name}=${value}`).join('; ')
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        servername: url.hostname,
        method,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, ...NAVIGATION, ...(cookie === '' ? {} : { cookie }), ...headers },
        rejectUnauthorized: false,
        agent: false,
        timeout: 10_000,
      },
      (answer) => {
        for (const line of answer.headers['set-cookie'] ?? []) keep(url, line)
        text(answer).then(
          (received) => resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, body: received }),
          reject,
        )
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${url.href} had no answer`)))
    sent.on('upgrade', (answer, socket) => {
      socket.destroy()
      resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, body: '' })
    })
    sent.on('error', reject)
    sent.end(body)
    return promise
  }

  function keep(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    const has = (attribute: string) => attributes.some((one) => one.toLowerCase() === attribute)
    if (name.startsWith('__Host-') && !(has('secure') && has('path=/') && !/; domain=/i.test(line))) {
      throw new Error(`a browser refuses this cookie: ${line}`)
    }
    if (has('max-age=0')) jarOf(url.hostname).delete(name)
    else jarOf(url.hostname).set(name, pair.slice(name.length + 1))
  }

  async function open(address: string, login?: string) {
    const trail: string[] = []
    let answer = await ask(address)
    for (let step = 0; step < MOST_STEPS; step += 1) {
      trail.push(`${answer.status} ${answer.url.origin}${answer.url.pathname}`)
      const { location } = answer.headers
      if (answer.status < 300 || answer.status > 399 || typeof location !== 'string') return { ...answer, trail }
      const next = new URL(location, answer.url)
      answer = await ask(next.hostname === 'localhost' ? (await logInOverHttp(next, login, atProviders)).url : next)
    }
    throw new Error(`goes round in circles: ${trail.join(', ')}`)
  }

  return {
    ask,
    open,
    cookies: jarOf,
    setCookie(host, name, value) {
      if (value === undefined) jarOf(host).delete(name)
      else jarOf(host).set(name, value)
    },
  }
}
