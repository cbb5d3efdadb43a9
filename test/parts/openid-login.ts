/** Where a login left the provider: the address of the client's callback and, for form_post, the form sent there. */
export interface ProviderReturn {
  readonly url: URL
  readonly body: string | undefined
}

/** A browser's cookies at one provider, by path and name. */
export type CookieJar = Map<string, { readonly pair: string; readonly path: string }>

/** The `Cookie` header for an address: the cookies whose path covers it. */
export function cookieHeader(jar: CookieJar, { pathname }: URL): string {
  return [...jar.values()]
    .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
    .map(({ pair }) => pair)
    .join('; ')
}

/**
 * Logs in at `startOpenIdProvider` as a browser without scripts would, and stops where the browser would go back to the
 * client; nothing is sent there.
 *
 * @param start the authorization URL
 * @param login what to type into the form; undefined presses Cancel
 * @param jar the browser's cookies at the provider; give the same one again to be remembered
 */
export async function logInOverHttp(
  start: URL,
  login: string | undefined,
  jar: CookieJar = new Map(),
): Promise<ProviderReturn> {
  let url = start
  let form: URLSearchParams | undefined
  for (let step = 0; step < 20; step += 1) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: cookieHeader(jar, url) },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    })
    keepCookies(response, jar)
    form = undefined
    const location = response.headers.get('location')
    if (location !== null) {
      await response.body?.cancel()
      url = new URL(location, url)
      if (url.origin !== start.origin) return { url, body: undefined }
      continue
    }
    const html = await response.text()
    const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1]
    if (action !== undefined) {
      // A form that posts itself: to the client, or to the provider where it changes from one account to another.
      url = new URL(unescaped(action), url)
      form = hiddenFields(html)
      if (url.origin !== start.origin) return { url, body: form.toString() }
      continue
    }
    if (response.status !== 200 || !html.includes('name="login"')) {
      throw new Error(`The provider answered ${response.status}: ${html.replace(/<[^>]*>/g, ' ').trim()}`)
    }
    form = new URLSearchParams(login === undefined ? { cancel: 'yes' } : { login })
  }
  throw new Error('The provider goes round in circles.')
}

/**
 * Signs out at `startOpenIdProvider` as a browser without scripts would. What the provider tells its clients meanwhile, it has
 * told when this resolves.
 *
 * @param jar the browser's cookies at the provider
 */
export async function logOutOverHttp(issuer: string, jar: CookieJar): Promise<void> {
  const url = new URL(`${issuer}/session/end`)
  const page = await fetch(url, { headers: { cookie: cookieHeader(jar, url) } })
  keepCookies(page, jar)
  const html = await page.text()
  const action = new URL(unescaped(/<form [^>]*action="([^"]+)"/.exec(html)?.[1] ?? ''), url)
  const form = hiddenFields(html)
  const ended = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookieHeader(jar, action) },
    body: form,
  })
  keepCookies(ended, jar)
  await ended.body?.cancel()
  if (ended.status >= 400) throw new Error(`The provider answered ${ended.status} to a logout.`)
}

function keepCookies(response: Response, jar: CookieJar): void {
  for (const line of response.headers.getSetCookie()) {
    const [pair = ''] = line.split(';')
    const path = /; *path=([^;]+)/i.exec(line)?.[1] ?? '/'
    const key = `${path} ${pair.slice(0, pair.indexOf('='))}`
    if (pair.endsWith('=') || /expires=thu, 01 jan 1970/i.test(line)) jar.delete(key)
    else jar.set(key, { pair, path })
  }
}

function hiddenFields(html: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [, name = '', value = ''] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    fields.append(name, unescaped(value))
  }
  return fields
}

function unescaped(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
}
