import { isIP } from 'node:net'
import { z } from 'zod'
import { isHostName, text } from './value-kinds.ts'

const EXPECTED = '`host:port`, the host in lower case, an IPv6 address in brackets'

/** `host:port`, parsed. */
const address = text(EXPECTED).transform((value, context) => {
  const [, bracketed, plain = bracketed ?? '', digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(value) ?? []
  const port = Number(digits)
  const isHost = bracketed === undefined ? isIP(plain) === 4 || isHostName(plain) : isIP(bracketed) === 6
  if (isHost && port > 0 && port <= 65_535) return { host: plain, port }
  context.addIssue({ code: 'custom', message: EXPECTED })
  return z.NEVER
})

/** A list of addresses, none twice. */
export function addressList(expects: string) {
  return z
    .array(address)
    .min(1)
    .max(100)
    .superRefine((addresses, context) => {
      const seen = new Set<string>()
      for (const [index, { host, port }] of addresses.entries()) {
        const message = 'an address that no earlier entry names'
        if (seen.has(`${host} ${port}`)) context.addIssue({ code: 'custom', path: [index], message })
        seen.add(`${host} ${port}`)
      }
    })
    .meta({ expects })
}
