import ipaddr from 'ipaddr.js'

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
/** Four decimal parts without leading zeros. */
export const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`
const BITS_OF_V4 = '(?:3[0-2]|[12]?[0-9])'
const BITS_OF_V6 = '(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])'

/** One of the eight groups of an IPv6 address (RFC 4291 section 2.2), and such with a colon behind or before them. */
const GROUP = '[0-9A-Fa-f]{1,4}'
const before = (groups: string) => `(?:${GROUP}:){${groups}}`
const behind = (groups: string) => `(?::${GROUP}){${groups}}`

/** An IPv6 address without a zone, as alternatives. */
export const IPV6 = [
  `${before('7')}${GROUP}`,
  `${before('1,7')}:`,
  ...[6, 5, 4, 3, 2, 1].map((most) => `${before(`1,${most}`)}${behind(`1,${7 - most}`)}`),
  `:(?:${behind('1,7')}|:)`,
  `${before('6')}${IPV4}`,
  `::${before('0,5')}${IPV4}`,
  ...[1, 2, 3, 4, 5].map((groups) => `${before(String(groups))}${behind(`0,${5 - groups}`)}:${IPV4}`),
].join('|')

/**
 * An IPv4 or IPv6 address, or a range of either in CIDR notation, in the spellings that everybody reads alike: four decimal
 * parts without leading zeros; groups of at most four digits, `::` for at least one of them, no zone. RE2 reads it too.
 */
export const IP_RANGE: RegExp = new RegExp(`^(?:${IPV4}(?:/${BITS_OF_V4})?|(?:${IPV6})(?:/${BITS_OF_V6})?)$`)

/** Whether the text is one address, and no range. */
export function isAddress(text: string): boolean {
  return IP_RANGE.test(text) && !text.includes('/')
}

/** Whether the text is a range as Kubernetes takes it: with its length, no bit set behind that, no IPv4 inside IPv6. */
export function isNetwork(text: string): boolean {
  if (!IP_RANGE.test(text) || !text.includes('/')) return false
  const [address, bits] = ipaddr.parseCIDR(text)
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) return false
  const network = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  return network.networkAddressFromCIDR(`${address}/${bits}`).toString() === address.toString()
}
