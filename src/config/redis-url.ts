/** What a `redis://` or `rediss://` URL says. */
export interface RedisUrl {
  readonly isTls: boolean
  readonly host: string
  readonly port: number
  readonly database: number
  readonly username: string | undefined
  readonly password: string | undefined
}

/** Reads a URL of a Redis server; undefined if it is none or has parts that mean nothing here. */
export function readRedisUrl(text: string): RedisUrl | undefined {
  if (!/^rediss?:\/\/[^/?#\s]+(?:\/\d{0,4})?$/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const username = decoded(url.username)
  const password = decoded(url.password)
  if (url.hostname === '' || username === undefined || password === undefined) return undefined
  return {
    isTls: url.protocol === 'rediss:',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    database: Number(url.pathname.slice(1)),
    username: username || undefined,
    password: password || undefined,
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
