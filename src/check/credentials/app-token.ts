import { LRUCache } from 'lru-cache'
import type { Credentials } from '../../policy/access-request.ts'
import type { Application } from '../../policy/application.ts'
import { readCookie } from '../../policy/cookies.ts'
import type { Reason } from '../../policy/reasons.ts'
import { type AppToken, isWithinLifetime, verifyAppToken } from '../../tokens/app-token.ts'
import type { KeyRing } from '../../tokens/key-ring.ts'
import type { AnswerHolder } from '../remembered.ts'

/**
 * A token that was verified, and what was last made for its bearer. Kept by the token's exact text, of which only one
 * spelling verifies, and bound to one audience.
 */
export interface KnownToken extends AnswerHolder {
  readonly text: string
  readonly token: AppToken
}

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

  return {
    offered({ cookieName }, { cookies, token }) {
      const cookie = readCookie(cookies, cookieName)
      if (cookie === undefined) return token
      if (cookie === 'doubled' || token !== undefined) return 'token-doubled'
      return cookie.value
    },

    known({ audience }, text, now) {
      const known = verified.get(tailOf(text))
      if (known === undefined || known.text !== text) return undefined
      if (known.token.audience !== audience) return 'token-invalid'
      if (!isWithinLifetime(known.token, now)) return 'token-expired'
      return settings.keyRing().verifying.has(known.token.kid) ? known : 'token-invalid'
    },

    async verify({ audience }, text, now) {
      const token = await verifyAppToken(settings.keyRing(), text, { issuer: settings.issuer, audience, now })
      if (typeof token === 'string') return token
      // A copy: the text is a slice of a whole header line, which it would keep in memory.
      const known = { text: Buffer.from(text, 'latin1').toString('latin1'), token, remembered: undefined }
      verified.set(tailOf(known.text), known)
      return known
    },
  }
}

/**
 * Where a token is kept: under the end of its signature, since hashing all of it would take longer than the rest of a warm
 * check. The whole text is compared afterwards.
 */
function tailOf(text: string): string {
  return text.slice(-32)
}
