import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { errorVerdict, FAILS, HOLDS, type RuleKind } from '../rule.ts'

const ADDRESS_UNKNOWN = errorVerdict('client-address-unknown')

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Holds for requests from these addresses. An IPv4 address inside IPv6 counts as the IPv4 address. */
export const ip: RuleKind<string[]> = {
  name: 'ip',
  schema: z
    .array(
      z
        .string()
        .max(43)
        .refine((text) => readRange(text) !== undefined, {
          error: 'expected an address or a range, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32',
        }),
    )
    .min(1)
    .max(1000)
    .describe('Requests from these addresses or ranges (CIDR), IPv4 or IPv6.'),
  compile: (setting) => {
    const ranges = setting.map(readRange).filter((range) => range !== undefined)
    return {
      needsIdentity: false,
      test: ({ request }) => {
        if (request.clientAddress === undefined || !ipaddr.isValid(request.clientAddress)) return ADDRESS_UNKNOWN
        const address = ipaddr.process(request.clientAddress)
        return ranges.some((range) => address.kind() === range[0].kind() && address.match(range)) ? HOLDS : FAILS
      },
    }
  },
}

function readRange(text: string): Range | undefined {
  const isV4 = /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/.test(text)
  if (!isV4 && !text.includes(':')) return undefined
  const cidr = text.includes('/') ? text : `${text}/${isV4 ? 32 : 128}`
  return ipaddr.isValidCIDR(cidr) ? ipaddr.parseCIDR(cidr) : undefined
}
