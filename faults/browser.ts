import { type Answered, exchange } from './exchange.ts'
import type { Replica } from './replica.ts'

/** A browser without scripts: it keeps cookies by host, and follows nothing by itself. */
export interface Browser {
  /** Opens a page of a public host at one replica's portal, or posts a form there. */
  visit(url: URL, replica: Replica, form?: URLSearchParams): Promise<Answered>
  /** The cookie of this name at a host, or one whose name matches. */
  cookie(host: string, name: string | RegExp): string | undefined
  /** All cookies of a host, as they are sent. */
  cookieHeader(host: string): string
  /** A browser that has the same cookies now. */
  copy(): Browser
}

type Jars = Map<string, Map<string, string>>

export function createBrowser(jars: Jars = new Map()): Browser {
  function jarOf(host: string): Map<string, string> {
    const jar = jars.get(host) ?? new Map<string, string>()
    jars.set(host, jar)
    return jar
  }
  const cookieHeader = (host: string) => [...jarOf(host)].map((pair) => pair.join('=')).join('; ')

  return {
    async visit(url, replica, form) {
      const answered = await exchange({
        port: replica.ports.portal,
        path: `${url.pathname}${url.search}`,
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          host: url.host,
          accept: 'text/html',
          'sec-fetch-mode': 'navigate',
          'user-agent': 'gatehouse-faults',
          cookie: cookieHeader(url.hostname),
          ...(form === undefined ? {} : { origin: url.origin, 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined ? {} : { body: form.toString() }),
        timeoutMs: 10_000,
      })
      const jar = jarOf(url.hostname)
      for (const line of answered.setCookies) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '') jar.delete(name)
        else jar.set(name, value)
      }
      return answered
    },
    cookie(host, name) {
      const isMeant = (one: string) => (typeof name === 'string' ? one === name : name.test(one))
      return [...jarOf(host)].find(([one]) => isMeant(one))?.join('=')
    },
    cookieHeader,
    copy: () => createBrowser(new Map([...jars].map(([host, jar]) => [host, new Map(jar)]))),
  }
}
