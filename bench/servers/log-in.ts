import { request as httpRequest, type IncomingMessage } from 'node:http'
import { logInOverHttp } from '../../test/parts/openid-login.ts'
import { hostOf, PUBLIC_PORT } from '../request.ts'
import { PERSON } from './resources.ts'

const MOST_STEPS = 12

/** A browser's cookies, by host and name. */
export type Cookies = Map<string, Map<string, string>>

/**
 * Signs the benchmark's person in to an application as a browser does, from the application's host over the auth host to the
 * provider and back.
 *
 * @param portalPort where the portal listens; the public hosts all lead there
 * @returns the cookie that the application's host has then, name and value
 */
export async function logIn(portalPort: number, application: string, cookies: Cookies): Promise<string> {
  const host = hostOf(application)
  let url = new URL(`http://${host}:${PUBLIC_PORT}/.gatehouse/login?rd=%2F`)
  for (let step = 0; step < MOST_STEPS; step++) {
    if (!isPublic(url)) {
      const back = await logInOverHttp(url, PERSON.sub)
      url = back.url
      continue
    }
    const { status, location } = await visit(portalPort, url, cookies)
    if (location === undefined) throw new Error(`${url.href} answered ${status} while signing in`)
    url = new URL(location, url)
    if (url.hostname === host && !url.pathname.startsWith('/.gatehouse/')) return credentialOf(cookies, host)
  }
  throw new Error(`signing in to ${application} takes more than ${MOST_STEPS} steps`)
}

function isPublic(url: URL): boolean {
  return url.port === String(PUBLIC_PORT)
}

function credentialOf(cookies: Cookies, host: string): string {
  const found = [...(cookies.get(host) ?? [])].find(([name]) => /gatehouse-[0-9a-f]{16}$/.test(name))
  if (found === undefined) throw new Error(`signed in, but ${host} has no token`)
  return found.join('=')
}

async function visit(
  portalPort: number,
  url: URL,
  cookies: Cookies,
): Promise<{ status: number | undefined; location: string | undefined }> {
  const jar = cookies.get(url.hostname) ?? new Map<string, string>()
  cookies.set(url.hostname, jar)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = {
    Host: url.host,
    Accept: 'text/html',
    'Sec-Fetch-Mode': 'navigate',
    'User-Agent': 'gatehouse-bench',
    Cookie: [...jar].map((pair) => pair.join('=')).join('; '),
  }
  const path = `${url.pathname}${url.search}`
  httpRequest({ host: '127.0.0.1', port: portalPort, path, headers }, resolve).on('error', reject).end()
  const response = await promise
  response.resume()
  for (const line of response.headers['set-cookie'] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (name === undefined) continue
    if (value === undefined || value === '') jar.delete(name)
    else jar.set(name, value)
  }
  return { status: response.statusCode, location: response.headers.location }
}
