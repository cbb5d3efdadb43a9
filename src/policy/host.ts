/** Letters, digits and inner dashes, at most 63 long (RFC 1123 section 2.1). */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const ANY_CASE = LABEL.replaceAll('a-z', 'A-Za-z')
const SHAPE = new RegExp(`^${ANY_CASE}(?:\\.${ANY_CASE})*$`)
const LONGEST = 253

/** A domain of at least two labels, in any letter case; it may be at most 253 characters long. */
export const DOMAIN: RegExp = new RegExp(`^${ANY_CASE}(?:\\.${ANY_CASE})+$`)

/** What `isHostPattern` admits, but for the length: at most 253, or 255 with `*.`. */
export const HOST_PATTERN: RegExp = new RegExp(
  `^(?:${LABEL}(?:\\.${LABEL})*|\\*\\.(?:localhost|${LABEL}(?:\\.${LABEL})+))$`,
)

/**
 * Brings a host to the one form in which hosts are compared: lower case, without a trailing dot and without the port that
 * apps are published on. Anything else that a `Host` header can hold (user information, another port, `#`, `\`, raw
 * international letters) is refused rather than repaired, since nginx routes some of it to one app and reports another.
 *
 * @param text what the proxy reported, as text of one byte per character
 * @param publicPort the port of the auth host's URL; browsers leave it out when it is the scheme's default
 * @returns the canonical host, or undefined if the text is not one
 */
export function canonicalHost(text: string, publicPort: number): string | undefined {
  let host = text
  const colon = host.indexOf(':')
  if (colon !== -1) {
    if (host.slice(colon + 1) !== String(publicPort)) return undefined
    host = host.slice(0, colon)
  }
  if (host.endsWith('.')) host = host.slice(0, -1)
  // The shape comes first: lower-casing makes an ASCII `k` of the Kelvin sign.
  return host.length <= LONGEST && SHAPE.test(host) ? host.toLowerCase() : undefined
}

/** Whether the text may stand as a destination's host: a canonical host, or `*.` before one with at least two labels. */
export function isHostPattern(text: string): boolean {
  return HOST_PATTERN.test(text) && text.length <= (text.startsWith('*.') ? LONGEST + '*.'.length : LONGEST)
}

/** The one-label wildcard that covers a host: `*.example.com` for `a.example.com`; undefined where there is no dot. */
export function wildcardOf(host: string): string | undefined {
  const dot = host.indexOf('.')
  return dot === -1 ? undefined : `*${host.slice(dot)}`
}
