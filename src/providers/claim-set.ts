export type Claims = Readonly<Record<string, unknown>>

/** About the act of signing in: the ID token speaks first. */
const OF_THE_ID_TOKEN: ReadonlySet<string> = new Set(['sub', 'iss', 'aud', 'azp', 'amr', 'acr', 'auth_time', 'sid'])

/** Of use to the protocol alone, different at every login, or (`_claim_sources`) a carrier of access tokens. */
const PROTOCOL: ReadonlySet<string> = new Set([
  '__proto__',
  '_claim_names',
  '_claim_sources',
  'at_hash',
  'c_hash',
  'exp',
  'iat',
  'jti',
  'nbf',
  'nonce',
  's_hash',
])

const MAX_DEPTH = 16
const MAX_BYTES = 65_536

/**
 * What the ID token and userinfo say together. Userinfo is fresher and goes first, except on the act of signing in (`sub`,
 * `iss`, `aud`, `amr`, `acr`, `auth_time` …). `email` and `email_verified` are taken together from one of the two, so
 * that a statement about one address never vouches for another.
 */
export function mergeClaims(idToken: Claims, userinfo: Claims | undefined): Claims {
  if (userinfo === undefined) return idToken
  const takesEmail = Object.hasOwn(userinfo, 'email')
  const fromIdToken = Object.entries(idToken).filter(([name]) => !(takesEmail && name === 'email_verified'))
  const fromUserinfo = Object.entries(userinfo).filter(
    ([name]) =>
      !(OF_THE_ID_TOKEN.has(name) && Object.hasOwn(idToken, name)) &&
      !(name === 'email_verified' && !takesEmail && Object.hasOwn(idToken, 'email')),
  )
  return Object.fromEntries([...fromIdToken, ...fromUserinfo])
}

/**
 * The claims that are kept: a copy without those of the protocol, without any `__proto__`, nested at most 16 deep, and at
 * most 64 KiB as JSON. Where there is more, the largest are left out; a rule about a claim that is left out is an error.
 */
export function boundClaims(claims: Claims): Claims {
  const kept = Object.entries(claims)
    .filter(([name, value]) => !PROTOCOL.has(name) && value !== undefined && isShallow(value, MAX_DEPTH))
    .map(([name, value]) => ({ name, text: JSON.stringify(value), bytes: 0 }))
  for (const claim of kept) claim.bytes = byteLength(claim.text) + byteLength(JSON.stringify(claim.name)) + 2
  kept.sort((a, b) => a.bytes - b.bytes)
  let total = 2
  const fitting = kept.filter(({ bytes }) => {
    total += bytes
    return total <= MAX_BYTES
  })
  return Object.fromEntries(fitting.map(({ name, text }) => [name, JSON.parse(text, withoutPrototype)]))
}

/**
 * Reads a claim by its name as it stands (`https://example.com/groups`), else as a path into nested claims
 * (`realm_access.roles`). Only own properties count.
 */
export function readClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const segment of name.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, segment)) return undefined
    value = value[segment]
  }
  return value
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((member) => isShallow(member, depth - 1))
}

function withoutPrototype(name: string, value: unknown): unknown {
  return name === '__proto__' ? undefined : value
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
