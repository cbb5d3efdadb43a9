import ipaddr from 'ipaddr.js'

/**
 * Ranges in which no provider lives, but things do that answer whoever reaches them: this host, routers, and the metadata
 * services of clouds.
 */
export const FORBIDDEN_RANGES: readonly string[] = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::254/128',
]

const ranges = FORBIDDEN_RANGES.map((range) => ipaddr.parseCIDR(range))

/**
 * Whether an address may be called on behalf of a provider: https, or http on localhost where that is allowed, without
 * user information, and not an IP literal of a range that holds metadata services. Names are not resolved: what answers
 * must have a certificate for the name, which a metadata service has not.
 */
export function isCallable(address: string, allowHttpLocalhost: boolean): boolean {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  if (url.username !== '' || url.password !== '' || isForbiddenHost(url.hostname)) return false
  if (url.protocol === 'https:') return true
  return allowHttpLocalhost && url.protocol === 'http:' && /^([a-z0-9-]+\.)*localhost$/.test(url.hostname)
}

/** @param hostname as `URL` spells it: IPv6 in brackets */
export function isForbiddenHost(hostname: string): boolean {
  const text = hostname.replace(/^\[|\]$/g, '')
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  return ranges.some((range) => address.kind() === range[0].kind() && address.match(range))
}
