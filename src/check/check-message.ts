import { type IncomingHttpHeaders, IncomingMessage } from 'node:http'

/**
 * What Node looks up: a request's host, what its client expects, and whether it has a body. Left out is `TE`, by which a client of
 * HTTP/1.0 gets chunks in place of the end of the connection.
 */
const LOOKED_UP: readonly string[] = ['host', 'expect', 'content-length', 'transfer-encoding']

const LONGEST = Math.max(...LOOKED_UP.map((name) => name.length))
/** No two are of the same length. */
const nameByLength = Array.from({ length: LONGEST + 1 }, (_, length) =>
  LOOKED_UP.find((name) => name.length === length),
)

/**
 * A check's request. Node asks every request to a server for its `headers`, although it looks up very few of them (RFC 9112
 * sections 3.2 and 6, RFC 9110 section 10.1.1). Making that object of all of them takes about as long as a warm check, which
 * reads `rawHeaders`, so here it holds just those.
 */
export class CheckMessage extends IncomingMessage {}

Object.defineProperty(CheckMessage.prototype, 'headers', {
  get(this: IncomingMessage): IncomingHttpHeaders {
    return lookedUp(this.rawHeaders)
  },
})

/** Doubled ones as Node takes them: all that is expected, and the first of anything else. */
function lookedUp(rawHeaders: readonly string[]): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const written = rawHeaders[index] as string
    // By length and first letter: nearly every other name differs in one of them.
    const name = nameByLength[written.length]
    if (name === undefined || (written.charCodeAt(0) | 0x20) !== name.charCodeAt(0)) continue
    if (written.toLowerCase() !== name) continue
    const before = headers[name]
    if (before === undefined) headers[name] = rawHeaders[index + 1]
    else if (name === 'expect') headers[name] = `${before}, ${rawHeaders[index + 1]}`
  }
  return headers
}
