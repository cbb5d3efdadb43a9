import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'

/** What came back, for one request or at the end of a chain of redirects. */
export interface Page {
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Every address on the way here, this one last. */
  readonly way: readonly string[]
}

interface Sending {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Sent as it stands in place of the address's own path, which `URL` would have tidied up. */
  readonly rawPath?: string
}

/** As much of a browser as a login needs: cookies, redirects, links and forms; no scripts. */
export interface Browser {
  /** One request with the cookies of the host. Redirects are not followed. */
  send(url: string | URL, sending?: Sending): Promise<Page>
  /** Opens an address as somebody who types it in, and follows wherever it leads. */
  open(url: string | URL): Promise<Page>
  /** Follows the page's link of this text. */
  click(page: Page, label: string): Promise<Page>
  /** Posts the page's form by the button of this text. */
  submit(page: Page, label: string): Promise<Page>
  /** The cookies of a host, by name. Ports do not part them, as in browsers. */
  cookies(host: string): Map<string, string>
}

const MAX_REDIRECTS = 15
const NAVIGATION = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }

/** A browser without any cookies. Names are never looked up: everything is on 127.0.0.1. */
export function newBrowser(): Browser {
  const jars = new Map<string, Map<string, { value: string; path: string }>>()
  const jarOf = (host: string) => {
    const jar = jars.get(host) ?? new Map<string, { value: string; path: string }>()
    jars.set(host, jar)
    return jar
  }

  function cookieHeader({ hostname, pathname }: URL): Record<string, string> {
    const pairs = [...jarOf(hostname)]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(([name, { value }]) => `${name}=${value}`)
    return pairs.length === 0 ? {} : { cookie: pairs.join('; ') }
  }

  function keepCookies({ hostname }: URL, lines: readonly string[] = []): void {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? []
      const expires = /; *expires=([^;]+)/i.exec(line)?.[1]
      const isOver = /; *max-age=(?:0|-\d+)/i.test(line) || (expires !== undefined && Date.parse(expires) <= Date.now())
      if (isOver) jarOf(hostname).delete(name)
      else jarOf(hostname).set(name, { value, path: /; *path=([^;]+)/i.exec(line)?.[1] ?? '/' })
    }
  }

  async function send(address: string | URL, { method = 'GET', headers = {}, body, rawPath }: Sending = {}) {
    const url = new URL(address)
    const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
    const request = httpRequest({
      host: '127.0.0.1',
      port: url.port,
      path: rawPath ?? url.pathname + url.search,
      method,
      agent: false,
      headers: { host: url.host, ...cookieHeader(url), ...form, ...headers },
    })
    request.end(body)
    const [response] = await once(request, 'response')
    keepCookies(url, response.headers['set-cookie'])
    const page = { url, status: response.statusCode as number, headers: response.headers as IncomingHttpHeaders }
    return { ...page, body: await text(response), way: [url.href] }
  }

  async function follow(first: Page): Promise<Page> {
    let page = first
    while (page.headers.location !== undefined) {
      if (page.way.length > MAX_REDIRECTS) throw new Error(`redirects without end: ${page.way.join(' ')}`)
      const next = await send(new URL(page.headers.location, page.url), { headers: NAVIGATION })
      page = { ...next, way: [...page.way, next.url.href] }
    }
    return page
  }

  const open = async (url: string | URL) => follow(await send(url, { headers: NAVIGATION }))

  return {
    send,
    open,
    async click(page, label) {
      const links = [...page.body.matchAll(/<a [^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs)]
      const [, href] = links.find(([, , inside = '']) => shown(inside).includes(label)) ?? []
      if (href === undefined) throw new Error(`no link "${label}" on ${describe(page)}`)
      return open(new URL(unescaped(href), page.url))
    },
    async submit(page, label) {
      const forms = [...page.body.matchAll(/<form [^>]*>.*?<\/form>/gs)].map(([form]) => form)
      for (const form of forms) {
        const buttons = [...form.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)]
        const button = buttons.find(([, , inside = '']) => shown(inside).includes(label))?.[1]
        if (button === undefined) continue
        const fields = [...form.matchAll(/<input ([^>]*)>/g)].map(([, tag = '']) => tag).concat(button)
        const body = new URLSearchParams(fields.flatMap((tag) => fieldOf(tag))).toString()
        const target = new URL(attribute(form.slice(0, form.indexOf('>')), 'action') ?? page.url.href, page.url)
        const headers = { ...NAVIGATION, origin: page.url.origin }
        return follow(await send(target, { method: 'POST', headers, body }))
      }
      throw new Error(`no button "${label}" on ${describe(page)}`)
    },
    cookies: (host) => new Map([...jarOf(host)].map(([name, { value }]) => [name, value])),
  }
}

/** What is to be read on a page, without markup. */
export function shown(html: string): string {
  return unescaped(html.replaceAll('<wbr>', '').replace(/<style>.*?<\/style>|<[^>]*>/gs, ' '))
    .replace(/\s+/g, ' ')
    .trim()
}

/** The beginning of a page, for a message. */
export function describe({ url, status, body }: Page): string {
  return `${url.origin}${url.pathname} (${status}): ${shown(body).slice(0, 200)}`
}

/** A value that one of the demo apps shows. */
export function fact({ body }: Page, name: string): string | undefined {
  const found = [...body.matchAll(/ data-fact="([^"]*)">(.*?)</gs)].find(([, label = '']) => unescaped(label) === name)
  return found === undefined ? undefined : unescaped(found[2] ?? '')
}

function fieldOf(tag: string): [string, string][] {
  const name = attribute(tag, 'name')
  return name === undefined ? [] : [[name, attribute(tag, 'value') ?? '']]
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

function unescaped(html: string): string {
  const names: Readonly<Record<string, string>> = { quot: '"', lt: '<', gt: '>', amp: '&' }
  return html.replace(/&(?:#(\d+)|(quot|lt|gt|amp));/g, (_, code, name) =>
    code === undefined ? (names[name] ?? '') : String.fromCharCode(Number(code)),
  )
}
