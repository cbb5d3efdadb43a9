import type { Reason } from '../policy/reasons.ts'
import { OUR_HEADERS } from './headers.ts'

/** The most headers that a check may have; proxies stop far below. */
const MAX_HEADERS = 200

/** The headers of a check that count, each as it stood on the wire. */
export interface Fields {
  method: string | undefined
  host: string | undefined
  target: string | undefined
  clientAddress: string | undefined
  token: string | undefined
  /** All `Cookie` lines, joined; HTTP/2 splits them. */
  cookies: string
  accept: string | undefined
  secFetchMode: string | undefined
  requestedWith: string | undefined
  webSocketKey: string | undefined
  contentType: string | undefined
}

type FieldName = keyof Fields
interface Spelling {
  readonly text: string
  readonly meaning: Meaning
}

interface KnownField {
  readonly field: FieldName
  readonly isDecisive: boolean
}

type Meaning = KnownField | 'alias' | 'other'

/** Says only what kind of client asks: twice is harmless, the last one counts. */
const HINTS: Readonly<Record<string, FieldName>> = {
  accept: 'accept',
  'sec-fetch-mode': 'secFetchMode',
  'x-requested-with': 'requestedWith',
  'sec-websocket-key': 'webSocketKey',
  'content-type': 'contentType',
}

/** What CGI-like apps turn into `_`, as they do `-`: `X_Auth_Request_User`, `X.Auth.Request.User`, `X~Auth!Request+User`. */
const NEITHER_LETTER_NOR_DIGIT = /[^a-z0-9]/g

/** How many spellings of header names are remembered for each length; proxies use a few. */
const MAX_SPELLINGS = 16

/**
 * Makes the reader for one dialect: it picks the headers that count out of the raw ones in a single pass. A decisive one
 * that stands there twice is refused, since proxy, service and app may each take another; so is any name that turns into
 * one we read or write once each mark in it, such as `_` or `.`, is taken for `-`, as CGI-like apps do.
 *
 * @param decisive header names by the field they fill, in any letter case
 */
export function fieldReader(
  decisive: Partial<Record<FieldName, string>>,
): (rawHeaders: readonly string[]) => Fields | Reason {
  const known = new Map<string, Meaning>(
    Object.entries(HINTS).map(([name, field]) => [name, { field, isDecisive: false }]),
  )
  for (const name of OUR_HEADERS) known.set(name.toLowerCase(), 'other')
  known.set('cookie', { field: 'cookies', isDecisive: false })
  known.set('gatehouse-token', { field: 'token', isDecisive: true })
  for (const [field, name] of Object.entries(decisive)) {
    known.set(name.toLowerCase(), { field: field as FieldName, isDecisive: true })
  }
  const lengths = new Set([...known.keys()].map((name) => name.length))
  // An alias is as long as what it imitates, so most names are passed over by their length alone. Spellings seen before are
  // compared and not looked up, since a fresh string would have to be hashed first.
  const spellingsByLength = Array.from({ length: Math.max(...lengths) + 1 }, (_, length): Spelling[] | undefined =>
    lengths.has(length) ? [] : undefined,
  )

  function meaningOf(name: string, spellings: Spelling[]): Meaning {
    for (const { text, meaning } of spellings) if (text === name) return meaning
    const lower = name.toLowerCase()
    const meaning = known.get(lower) ?? (known.has(lower.replace(NEITHER_LETTER_NOR_DIGIT, '-')) ? 'alias' : 'other')
    if (spellings.length < MAX_SPELLINGS) spellings.push({ text: name, meaning })
    return meaning
  }

  return (rawHeaders) => {
    if (rawHeaders.length > 2 * MAX_HEADERS) return 'request-too-many-headers'
    const fields = emptyFields()
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] as string
      const spellings = spellingsByLength[name.length]
      if (spellings === undefined) continue
      const meaning = meaningOf(name, spellings)
      if (meaning === 'other') continue
      if (meaning === 'alias') return 'request-field-aliased'
      if (!take(fields, meaning, rawHeaders[index + 1] as string)) return 'request-field-doubled'
    }
    return fields
  }
}

/** Fills in one field; false if it is decisive and has been filled in before. */
function take(fields: Fields, { field, isDecisive }: KnownField, value: string): boolean {
  if (field === 'cookies') fields.cookies = fields.cookies === '' ? value : `${fields.cookies}; ${value}`
  else if (isDecisive && fields[field] !== undefined) return false
  else fields[field] = value
  return true
}

function emptyFields(): Fields {
  return {
    method: undefined,
    host: undefined,
    target: undefined,
    clientAddress: undefined,
    token: undefined,
    cookies: '',
    accept: undefined,
    secFetchMode: undefined,
    requestedWith: undefined,
    webSocketKey: undefined,
    contentType: undefined,
  }
}
