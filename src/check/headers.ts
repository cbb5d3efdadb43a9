import type { Application, IdentityHeader } from '../policy/application.ts'
import type { Identity } from '../policy/identity.ts'

const NAMES: Readonly<Record<IdentityHeader, string>> = {
  Assertion: 'Gatehouse-Jwt-Assertion',
  User: 'X-Auth-Request-User',
  Email: 'X-Auth-Request-Email',
  Groups: 'X-Auth-Request-Groups',
  PreferredUsername: 'X-Auth-Request-Preferred-Username',
  Cookie: 'Cookie',
}

/** Every header that an allow may carry to the app. */
export const OUR_HEADERS: readonly string[] = Object.values(NAMES)

/** Spaces at the ends too: HTTP drops them, and ` root` would reach the app as `root`. */
const BESIDES_PRINTABLE_ASCII = /[^\x20-\x24\x26-\x7e]|^ | $/gu
const BESIDES_PRINTABLE_ASCII_OR_COMMA = /[^\x20-\x24\x26-\x2b\x2d-\x7e]|^ | $/gu

/** What an allow may tell the app. */
export interface AllowFacts {
  readonly identity: Identity | undefined
  readonly assertion: string | undefined
  /** The client's cookies without ours. */
  readonly cookies: string
}

/**
 * The headers of an allow, names and values in turn: every one that the application asks for, empty where there is
 * nothing to say, so that a client's own header of that name never survives.
 */
export function allowHeaders(application: Application, facts: AllowFacts): string[] {
  const headers: string[] = []
  for (const header of application.identityHeaders) headers.push(NAMES[header], headerValue(header, facts))
  headers.push('Cache-Control', 'no-store', 'Content-Length', '0')
  return headers
}

function headerValue(header: IdentityHeader, { identity, assertion, cookies }: AllowFacts): string {
  switch (header) {
    case 'Assertion':
      return assertion ?? ''
    case 'User':
      return identity?.subject ?? ''
    case 'Email':
      return encoded(identity?.email ?? '', BESIDES_PRINTABLE_ASCII)
    case 'Groups':
      return (identity?.groups ?? []).map((group) => encoded(group, BESIDES_PRINTABLE_ASCII_OR_COMMA)).join(',')
    case 'PreferredUsername':
      return encoded(identity?.preferredUsername ?? '', BESIDES_PRINTABLE_ASCII)
    case 'Cookie':
      return cookies
  }
}

/** Percent-encodes what matches, as UTF-8. The percent sign itself is encoded too, so that it can be undone. */
function encoded(text: string, unsafe: RegExp): string {
  return text
    .toWellFormed()
    .replace(unsafe, (character) =>
      character.length === 1 && character < '\x80'
        ? `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
        : encodeURIComponent(character),
    )
}
