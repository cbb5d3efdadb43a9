import { SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Application } from '../policy/application.ts'
import type { Identity } from '../policy/identity.ts'
import { LEEWAY_SECONDS } from './app-token.ts'
import type { KeyRing } from './key-ring.ts'
import { canonical } from './spelling.ts'

const MAX_BYTES = 2048

/** A signed assertion and until when it is handed out. */
export interface Assertion {
  /** The JWT, or undefined if what it would have to say does not fit into 2 kB. */
  readonly token: string | undefined
  /** Milliseconds since 1970. A clock that is set back before then makes a new one: origins refuse one from the future. */
  readonly fromMs: number
  /** Milliseconds since 1970. A new one is made from then on, so that the origin never gets one about to expire. */
  readonly renewAtMs: number
  /** The identity it was made of: another one needs another assertion. */
  readonly identity: Identity
  /** `kid` of the key that signed it. */
  readonly kid: string
}

export interface AssertionSubject {
  readonly sid: string
  readonly identity: Identity
}

/** Signs assertions, once per session, application and period. */
export interface Assertions {
  /**
   * The JWT for the origin (RFC 7519): short-lived, about one session, for one application. No check accepts it.
   *
   * @param now milliseconds since 1970
   */
  readonly sign: (about: AssertionSubject, application: Application, now: number) => Promise<Assertion>
}

export interface AssertionSettings {
  readonly issuer: string
  readonly lifetimeSeconds: number
  readonly keyRing: () => KeyRing
  /** 128 random bits in base64url. */
  readonly newId: () => string
  readonly maxEntries: number
}

/** Whether an assertion made earlier may still be handed out for this identity. */
export function isFresh(assertion: Assertion, identity: Identity, kid: string, now: number): boolean {
  return (
    now < assertion.renewAtMs && now >= assertion.fromMs && assertion.identity === identity && assertion.kid === kid
  )
}

export function createAssertions({
  issuer,
  lifetimeSeconds,
  keyRing,
  newId,
  maxEntries,
}: AssertionSettings): Assertions {
  const made = new LRUCache<string, Promise<Assertion>>({ max: maxEntries })

  async function make({ sid, identity }: AssertionSubject, application: Application, now: number): Promise<Assertion> {
    const { kid, algorithm, key } = keyRing().signing
    const iat = Math.floor(now / 1000)
    const token = await new SignJWT({
      iat_ms: now,
      sid,
      type: 'assertion',
      email: identity.email,
      idp: identity.provider,
      ...(application.assertionGroups ? { groups: identity.groups } : {}),
      ...(application.assertionClaims.length > 0
        ? { custom: chosenClaims(identity, application.assertionClaims) }
        : {}),
    })
      .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience([application.audience])
      .setSubject(identity.subject)
      .setJti(newId())
      .setIssuedAt(iat)
      .setNotBefore(iat)
      .setExpirationTime(iat + lifetimeSeconds)
      .sign(key)
    return {
      token: token.length > MAX_BYTES ? undefined : canonical(token),
      fromMs: now - LEEWAY_SECONDS * 1000,
      renewAtMs: now + (lifetimeSeconds * 1000 * 4) / 5,
      identity,
      kid,
    }
  }

  return {
    async sign(about, application, now) {
      const cacheKey = `${about.sid}.${application.audience}.${contentOf(application)}`
      const known = made.get(cacheKey)
      if (known !== undefined) {
        const assertion = await known
        if (isFresh(assertion, about.identity, keyRing().signing.kid, now)) return assertion
      }
      const signing = make(about, application, now)
      made.set(cacheKey, signing)
      // One that failed is not kept: the next check tries again.
      signing.catch(() => made.delete(cacheKey))
      return signing
    },
  }
}

/** What an application wants an assertion to say. The same after a reload that did not change it. */
function contentOf({ assertionGroups, assertionClaims }: Application): string {
  return `${assertionGroups ? 'groups' : ''}:${assertionClaims.join('\n')}`
}

function chosenClaims(identity: Identity, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(identity.claims, name)).map((name) => [name, identity.claims[name]]),
  )
}
