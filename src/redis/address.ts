import { isIP } from 'node:net'

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Where to connect to. */
export interface Destination extends Address {
  /** What the host was called before it was looked up; the server's certificate is for this name. */
  readonly name: string
}

/** One spelling for one address. */
export function addressText({ host, port }: Address): string {
  const lower = host.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '')
  return `${isIP(lower) === 6 ? `[${lower}]` : lower}:${port}`
}

/** Reads `host:port`, the host of an IPv6 address with or without brackets; undefined if it is none. */
export function readAddress(text: string): Address | undefined {
  const [, host = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port === 0 || port > 65_535) return undefined
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
}
