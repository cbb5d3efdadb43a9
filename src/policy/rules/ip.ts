import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { IP_RANGE } from '../ip-range.ts'
import { errorVerdict, FAILS, HOLDS, type RuleKind } from '../rule.ts'

const ADDRESS_UNKNOWN = errorVerdict('client-address-unknown')

/** Four decimal parts without leading zeros: other spellings (`0177.1`, `2130706433`) mean different things to different readers. */
const V4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/
const V6 = /^[0-9a-f:]*:[0-9a-f:]*$/i
const V6_WITH_V4 = /^([0-9a-f:]*:)([0-9.]+)$/i

/** 4 or 16 bytes. */
type Address = readonly number[]
type Range = readonly [start: Address, bits: number]

const MAPPED_BITS = 96
const MAPPED: Range = [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0], MAPPED_BITS]

/** Holds for requests from these addresses. An IPv4 address inside IPv6 counts as the IPv4 address. */
export const ip: RuleKind<string[]> = {
  name: 'ip',
  schema: z
    .array(
      z
        .string()
        .max(49)
        .regex(IP_RANGE, 'expected an address or a range, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32'),
    )
    .min(1)
    .max(1000)
    .describe('Requests from these addresses or ranges (CIDR), IPv4 or IPv6.'),
  compile: (setting) => {
    const ranges = setting.map(readRange).filter((range) => range !== undefined)
    return {
      needsIdentity: false,
      test: ({ request }) => {
        const address = request.clientAddress === undefined ? undefined : readAddressOnce(request.clientAddress)
        if (address === undefined) return ADDRESS_UNKNOWN
        return ranges.some((range) => isWithin(address, range)) ? HOLDS : FAILS
      },
    }
  },
}

/** `readAddress`, but remembers the last one: the ip rules of one application all ask about the same client. */
const readAddressOnce = (() => {
  let last: { readonly text: string; readonly address: Address | undefined } = { text: '', address: undefined }
  return (text: string): Address | undefined => {
    if (last.text !== text) last = { text, address: readAddress(text) }
    return last.address
  }
})()

/** Reads an address without a zone; one that is IPv4 inside IPv6 (RFC 4291 section 2.5.5.2) comes out as IPv4. */
function readAddress(text: string): Address | undefined {
  const address = readLiteral(text)
  return address !== undefined && isMapped(address) ? address.slice(-4) : address
}

function readRange(text: string): Range | undefined {
  const [, literal = '', length] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const start = readLiteral(literal)
  if (start === undefined) return undefined
  const longest = start.length * 8
  const bits = length === undefined ? longest : Number(length)
  if (bits > longest) return undefined
  return bits >= MAPPED_BITS && isMapped(start) ? [start.slice(-4), bits - MAPPED_BITS] : [start, bits]
}

function readLiteral(text: string): Address | undefined {
  const [, start, end = ''] = V6_WITH_V4.exec(text) ?? []
  // ipaddr.js would take `::192.0.2.7` for `::ffff:192.0.2.7`, so it only ever sees hexadecimal groups.
  if (start !== undefined && V4.test(end)) return readLiteral(start + groupsOf(end))
  return (V4.test(text) || V6.test(text)) && ipaddr.isValid(text) ? ipaddr.parse(text).toByteArray() : undefined
}

/** The last two groups of an IPv6 address that ends in four decimal parts. */
function groupsOf(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return Math.max(a, b, c, d) > 255 ? 'x' : `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function isMapped(address: Address): boolean {
  return address.length === 16 && isWithin(address, MAPPED)
}

function isWithin(address: Address, [start, bits]: Range): boolean {
  if (address.length !== start.length) return false
  const whole = bits >> 3
  for (let at = 0; at < whole; at++) if (address[at] !== start[at]) return false
  const rest = 8 - (bits & 7)
  return rest === 8 || (address[whole] ?? 0) >> rest === (start[whole] ?? 0) >> rest
}
