/** Stands where something was taken out. */
export const REDACTED = '[redacted]'

/** Longer texts are cut before they are searched, so that no text can keep the event loop busy. */
const LONGEST_SEARCHED = 8_192

const SECRET_HEADERS =
  /\b(set-cookie2?|cookie|proxy-authorization|authorization|gatehouse-token|gatehouse-jwt-assertion)(["']?\s*[:=])[^\r\n]*/gi
const SCHEMES = /\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}/gi
const USER_INFO = /(:\/\/)[^\s/?#@]{0,512}@/g
const URL_QUERY = /(\w:\/\/[^\s?#"'<>]{0,2048})[?#][^\s"'<>]*/g
const SETTINGS =
  /(code|state|nonce|token|ticket|secret|password|passwd|verifier|challenge|assertion|session|cookie|sid|credential|otp|apikey|api_key)([\w-]{0,32}["']?\s{0,2}(?:=|["']\s{0,2}:)\s{0,2})("[^"\r\n]*"|'[^'\r\n]*'|[^\s&;,"']+)/gi
const EMAILS = /[^\s@<>()[\]{}"',:;=/\\?&#|]{1,64}(?:@|%40)[^\s@<>()[\]{}"',:;=/\\?&#|]{1,255}/gi
const JWTS = /\bey[\w-]{6,}(?:\.[\w-]*)+/g
const LONG_RUNS = /[\w+~-]{32,}={0,2}/g
const UNPRINTABLE = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Too short and too plain to hold anything that is looked for, as most of what is logged is. */
const HARMLESS = /^(?!.*\bey[\w-]{6,}\.)(?:[\w./-]{0,31}|[\da-f:.]{0,31})$/i

/**
 * Takes out of a free text whatever might be a credential or an e-mail address: credential headers, `key=value` pairs with
 * a telling key, JWTs, long random-looking strings (session ids, codes, hashes), user info and queries of URLs, addresses.
 * What a reader or a terminal could mistake for layout is replaced as well; JSON escapes the other control characters.
 */
export function scrub(text: string): string {
  if (HARMLESS.test(text)) return text
  return withoutCredentials(text)
    .replace(EMAILS, (found) => (found.startsWith(REDACTED) ? found : REDACTED))
    .replace(UNPRINTABLE, '\ufffd')
}

function withoutCredentials(text: string): string {
  return cut(text, LONGEST_SEARCHED)
    .replace(SECRET_HEADERS, `$1$2 ${REDACTED}`)
    .replace(SCHEMES, `$1 ${REDACTED}`)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(URL_QUERY, `$1?${REDACTED}`)
    .replace(SETTINGS, `$1$2${REDACTED}`)
    .replace(JWTS, REDACTED)
    .replace(LONG_RUNS, (run) => (looksRandom(run) ? REDACTED : run))
}

/** Names that people give are long too, but they are words between hyphens and keep to one case. */
function looksRandom(run: string): boolean {
  if (!/[-_+~]/.test(run)) return true
  return /[a-z]/.test(run) && /[A-Z]/.test(run)
}

/** Cuts, and drops what the cut has left of a word: half a secret is not recognised as one. */
function cut(text: string, longest: number): string {
  if (text.length <= longest) return text
  let end = longest
  while (end > 0 && !' \n\t'.includes(text.charAt(end - 1))) end--
  return `${text.slice(0, end)}…`
}

/** A free text as a line may carry it: scrubbed, then at most `longest` characters. */
export function safeText(text: string, longest = 500): string {
  const scrubbed = scrub(text)
  return scrubbed.length <= longest ? scrubbed : `${scrubbed.slice(0, longest)}…`
}

/** What the audit trail says of who did something and why: as `safeText`, but addresses stay, since it is kept for them. */
export function safeWords(text: string, longest = 500): string {
  if (HARMLESS.test(text)) return text
  const words = withoutCredentials(text).replace(UNPRINTABLE, '\ufffd')
  return words.length <= longest ? words : `${words.slice(0, longest)}…`
}

/** A path without its query or fragment, scrubbed. */
export function safePath(path: string): string {
  const end = path.search(/[?#]/)
  return safeText(end === -1 ? path : path.slice(0, end))
}

const PLAIN_HOST = /^[a-z0-9.*-]{1,253}$/

/** A host as it is, if it looks like one, else as any free text. */
export function safeHost(host: string): string {
  return PLAIN_HOST.test(host) ? host : safeText(host, 253)
}

const HASH = /^[\w-]{43}$/

/** A subject as it is, if it is the derived hash (43 base64url characters) and not a provider's own name for somebody. */
export function safeSubject(subject: string): string {
  return HASH.test(subject) ? subject : safeText(subject)
}

const DIGEST = /^[0-9a-f]{64}$/

/** A SHA-256 in hexadecimal as it is, since it names content and opens nothing. */
export function safeDigest(digest: string): string {
  return DIGEST.test(digest) ? digest : safeText(digest, 64)
}

/** As much of a session's public hash as tells sessions apart in a log; the session id is never in reach of a line. */
export function safeSid(sid: string): string {
  return HASH.test(sid) ? sid.slice(0, 12) : safeText(sid, 12)
}

/** Makes a value safe if there is one. */
export function ifDefined<In, Out>(value: In | undefined, safe: (value: In) => Out): Out | undefined {
  return value === undefined ? undefined : safe(value)
}
