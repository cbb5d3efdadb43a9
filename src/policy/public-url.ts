/** How apps are reached from outside: they share scheme and port with the auth host. */
export interface PublicUrls {
  readonly scheme: 'https' | 'http'
  readonly port: number
  /** Canonical host of Gatehouse itself. */
  readonly authHost: string
  /** The auth host's origin, which is also the issuer of every token. No trailing slash. */
  readonly issuer: string
  /** The origin of any host: `https://app.example.com`. */
  readonly origin: (host: string) => string
}

/** Everything that follows from the auth host's URL. */
export function publicUrls(authUrl: URL): PublicUrls {
  const scheme = authUrl.protocol === 'http:' ? 'http' : 'https'
  const suffix = authUrl.port === '' ? '' : `:${authUrl.port}`
  const port = authUrl.port === '' ? (scheme === 'https' ? 443 : 80) : Number(authUrl.port)
  return {
    scheme,
    port,
    authHost: authUrl.hostname,
    issuer: authUrl.origin,
    origin: (host) => `${scheme}://${host}${suffix}`,
  }
}
