import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Credentials } from '../../policy/access-request.ts'
import type { Application } from '../../policy/application.ts'
import { readCookie } from '../../policy/cookies.ts'
import type { Reason } from '../../policy/reasons.ts'
import { type AppToken, isWithinLifetime, LONGEST_APP_TOKEN, verifyAppToken } from '../../tokens/app-token.ts'
import type { KeyRing } from '../../tokens/key-ring.ts'
import type { AnswerHolder } from '../remembered.ts'

/**
 * A token that was verified, and what was last made for its bearer. Kept by the digest of the token's exact text, of which
 * only one spelling verifies, and bound to one audience.
 */
export interface KnownToken extends AnswerHolder {
  readonly token: AppToken
}

/** A token that has come again, with its text. */
interface RecentToken {
  readonly text: string
  readonly known: KnownToken
}

/** Most texts kept, of about 600 bytes and at most 1 kB. */
const MAX_RECENT = 10_000

/** Reads and verifies app tokens; remembers those it has verified. */
export interface AppTokens {
  /** The token that the request offers for this application: its text, nothing, or why it cannot count. */
  readonly offered: (application: Application, credentials: Credentials) => string | undefined | 'token-doubled'
  /** Synchronous, for tokens verified before; undefined if this one was not. */
  readonly known: (application: Application, text: string, now: number) => KnownToken | Reason | undefined
  readonly verify: (application: Application, text: string, now: number) => Promise<KnownToken | Reason>
}

export function appTokens(settings: {
  readonly issuer: string
  readonly keyRing: () => KeyRing
  readonly maxEntries: number
}): AppTokens {
  const verified = new LRUCache<string, KnownToken>({ max: settings.maxEntries })
  const recent = new LRUCache<string, RecentToken>({ max: Math.min(MAX_RECENT, settings.maxEntries) })

  /** By its text if it came lately, since the digest takes a good part of the time of a warm check. */
  function find(text: string): KnownToken | undefined {
    const last = recent.get(tailOf(text))
    if (last?.text === text) return last.known
    // Whoever sends 60 kB gets no digest of them.
    const known = text.length > LONGEST_APP_TOKEN ? undefined : verified.get(digestOf(text))
    if (known === undefined) return undefined
    // A copy: the text is a slice of a whole header line, which it would keep in memory.
    const copy = Buffer.from(text, 'latin1').toString('latin1')
    recent.set(tailOf(copy), { text: copy, known })
    return known
  }

  return {
    offered({ cookieName }, { cookies, token }) {
      const cookie = readCookie(cookies, cookieName)
      if (cookie === undefined) return token
      if (cookie === 'doubled' || token !== undefined) return 'token-doubled'
      return cookie.value
    },

    known({ audience }, text, now) {
      const known = find(text)
      if (known === undefined) return undefined
      if (known.token.audience !== audience) return 'token-invalid'
      if (!isWithinLifetime(known.token, now)) return 'token-expired'
      return settings.keyRing().verifying.has(known.token.kid) ? known : 'token-invalid'
    },

    async verify({ audience }, text, now) {
      const token = await verifyAppToken(settings.keyRing(), text, { issuer: settings.issuer, audience, now })
      if (typeof token === 'string') return token
      const known = { token, remembered: undefined }
      verified.set(digestOf(text), known)
      return known
    },
  }
}

/** Where a recent token is kept: the end of its signature. Hashing all of the text would take longer than to compare it. */
function tailOf(text: string): string {
  return text.slice(-32)
}

/** What every other token is kept under: its text is some ten times as long, and very many are kept. */
function digestOf(text: string): string {
  return hash('sha256', text, 'base64url')
}
