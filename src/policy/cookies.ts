/**
 * Reads one cookie from a `Cookie` header (RFC 6265) without decoding or trimming anything: a name that merely looks like
 * the wanted one is another cookie.
 *
 * @returns its value; undefined if it is not there; `doubled` if it stands there more than once
 */
export function readCookie(header: string, name: string): { readonly value: string } | 'doubled' | undefined {
  const found = indexOfCookie(header, name, 0)
  if (found === -1) return undefined
  const start = found + name.length + 1
  const end = header.indexOf(';', start)
  if (end === -1) return { value: header.slice(start) }
  if (indexOfCookie(header, name, end) !== -1) return 'doubled'
  return { value: header.slice(start, end) }
}

/** The names of all cookies that begin with a prefix, in the order sent. */
export function cookieNames(header: string, prefix: string): string[] {
  return header
    .split(';')
    .map(withoutLeadingSpace)
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(0, pair.indexOf('=') === -1 ? undefined : pair.indexOf('=')))
}

/**
 * The header without the cookies whose names begin with a prefix, so that apps never see our credentials; nor those whose
 * names some app would trim to one of ours. The others stay as they came, byte for byte.
 */
export function withoutCookies(header: string, prefix: string): string {
  if (!header.includes(prefix)) return header
  return header
    .split(';')
    .map(withoutLeadingSpace)
    .filter((pair) => pair !== '' && !pair.trimStart().startsWith(prefix))
    .join('; ')
}

function withoutLeadingSpace(pair: string): string {
  return pair.replace(/^[ \t]+/, '')
}

function indexOfCookie(header: string, name: string, from: number): number {
  for (let at = header.indexOf(name, from); at !== -1; at = header.indexOf(name, at + 1)) {
    if (header.charCodeAt(at + name.length) !== 0x3d) continue
    let before = at - 1
    while (before >= 0 && (header.charCodeAt(before) === 0x20 || header.charCodeAt(before) === 0x09)) before--
    if (before < 0 || header.charCodeAt(before) === 0x3b) return at
  }
  return -1
}
