import { randomBytes } from 'node:crypto'
import { type Authenticate, createAuthenticate } from '../../src/check/authenticate.ts'
import { type Check, type CheckPorts, createCheck } from '../../src/check/check.ts'
import { appTokens } from '../../src/check/credentials/app-token.ts'
import { dialects } from '../../src/check/dialects/index.ts'
import { createReader, type Reader } from '../../src/check/read.ts'
import { type CheckAnswer, createRender } from '../../src/check/render.ts'
import { type Application, IDENTITY_HEADERS } from '../../src/policy/application.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { Identity } from '../../src/policy/identity.ts'
import { type PolicySet, policySet } from '../../src/policy/policy-set.ts'
import { publicUrls } from '../../src/policy/public-url.ts'
import { createSessionCache, type SessionCache } from '../../src/sessions/cache.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import type { Session } from '../../src/sessions/session.ts'
import { createAssertions } from '../../src/tokens/assertion.ts'
import type { KeyRing } from '../../src/tokens/key-ring.ts'
import { type Clock, standingClock } from '../contracts/clock.ts'
import { type Observed, observed } from '../observe/observed.ts'
import { ruleOf, sampleApplication, sampleIdentity, samplePolicy } from '../policy/sample.ts'
import { type HeldView, heldView } from '../revocation/held-view.ts'
import { freshSid } from '../sessions/sample-session.ts'
import { mintedToken, rings } from '../tokens/rings.ts'
import { ADDRESS_SOURCES } from './calls.ts'

/** A whole check in one process, of real parts: keys, sessions, policies, events, and a clock that stands still. */

export const AUTH_URL = 'https://auth.example.com'
export const COOKIE_PREFIX = '__Host-gatehouse-'
export const urls = publicUrls(new URL(AUTH_URL))

const engineers = samplePolicy({
  key: 'team/engineers',
  rules: {
    include: [ruleOf('emailDomain', 'example.com')],
    require: [ruleOf('group', { name: 'engineering' })],
    exclude: [],
  },
})
const anyone = samplePolicy({
  key: 'team/anyone',
  action: 'Bypass',
  rules: { include: [ruleOf('everyone', {})], require: [], exclude: [] },
})
const office = samplePolicy({
  key: 'team/office',
  rules: {
    include: [ruleOf('everyone', {})],
    require: [ruleOf('ip', ['192.0.2.0/24'])],
    exclude: [],
  },
})
const writers = samplePolicy({
  key: 'team/writers',
  action: 'Deny',
  rules: { include: [ruleOf('method', ['DELETE'])], require: [], exclude: [] },
})

function application(name: string, digit: string, parts: Partial<Application>): Application {
  const audience = digit.repeat(64)
  return sampleApplication({
    name,
    audience,
    cookieName: `${COOKIE_PREFIX}${audience.slice(0, 16)}`,
    policies: [engineers],
    ...parts,
  })
}

/** Engineers' wiki: every header there is. */
export const wiki = application('wiki', '1', {
  destinations: [{ host: 'wiki.example.com', path: '/' }],
  identityHeaders: IDENTITY_HEADERS,
})
/** Below the wiki, another application. */
export const api = application('api', '2', {
  destinations: [{ host: 'wiki.example.com', path: '/api' }],
  identityHeaders: ['User'],
})
/** Open to everybody. */
export const open = application('open', '3', {
  destinations: [{ host: 'open.example.com', path: '/' }],
  policies: [anyone],
  identityHeaders: IDENTITY_HEADERS,
})
/** Open to everybody for reading, and to engineers otherwise. */
export const mixed = application('mixed', '4', {
  destinations: [{ host: 'mixed.example.com', path: '/' }],
  policies: [
    samplePolicy({
      key: 'team/readers',
      action: 'Bypass',
      rules: { include: [ruleOf('method', ['GET'])], require: [], exclude: [] },
    }),
    engineers,
  ],
  identityHeaders: ['User', 'Email'],
})
export const broken = application('broken', '5', {
  destinations: [{ host: 'broken.example.com', path: '/' }],
  isBroken: true,
})
/** For whoever signs in, from the office's network. */
export const local = application('local', '6', {
  destinations: [{ host: 'local.example.com', path: '/' }],
  policies: [writers, office],
  identityHeaders: ['User', 'Email', 'Assertion'],
})
/** Names of one label below a wildcard. */
export const wild = application('wild', '7', {
  destinations: [{ host: '*.wild.example.com', path: '/' }],
  identityHeaders: ['User'],
})

export const APPLICATIONS: readonly Application[] = [wiki, api, open, mixed, broken, local, wild]
export const engineer = sampleIdentity()
export const salesman = sampleIdentity({ subject: 'c2FsZXM', email: 'bob@example.com', groups: ['sales'] })

export interface SignedIn {
  readonly session: Session
  readonly token: string
  /** The `Cookie` header with the token. */
  readonly cookie: string
}

export interface World {
  readonly check: Check
  readonly ports: CheckPorts
  readonly clock: Clock
  readonly seen: Observed
  readonly ring: KeyRing
  readonly store: ReturnType<typeof memorySessionStore>
  readonly sessions: SessionCache
  readonly revocations: HeldView
  /** What a test turns on and off. */
  readonly state: {
    isStoreDown: boolean
    policySet: PolicySet | undefined
    signed: number
    reads: number
    ring: KeyRing
  }
  /** A session of this identity, and its token for the application. */
  signIn(to: Application, identity?: Identity, seconds?: { token?: number; session?: number }): Promise<SignedIn>
  /** The `decided` lines so far. */
  decisions(): Record<string, unknown>[]
}

/** @param change replaces ports by others */
export function createWorld(
  change: (ports: CheckPorts) => Partial<CheckPorts> = () => ({}),
  applications: readonly Application[] = APPLICATIONS,
): World {
  const clock = standingClock()
  const seen = observed({ level: 'info', applications: applications.map(({ key }) => key) })
  const ring = rings.ES256
  const store = memorySessionStore(clock)
  const state: World['state'] = { isStoreDown: false, policySet: policySet(applications), signed: 0, reads: 0, ring }
  const revocations = heldView(clock)
  const sessions = createSessionCache({
    now: clock.now,
    settings: { maxEntries: 1000 },
    store: {
      async find(sid) {
        state.reads += 1
        if (state.isStoreDown) throw new StoreUnavailableError('down')
        return structuredClone(await store.find(sid))
      },
      touch: store.touch,
    },
    view: revocations,
    events: seen.events,
  })
  const tokens = appTokens({ issuer: urls.issuer, keyRing: () => state.ring, maxEntries: 1000 })
  const authenticate: Authenticate = createAuthenticate({
    tokens,
    sessions,
    revocations,
    onStale: 'Deny',
    events: seen.events,
  })
  const ports: CheckPorts = {
    readers: defaultReaders(),
    policySet: () => state.policySet,
    authenticate,
    assertions: createAssertions({
      issuer: urls.issuer,
      lifetimeSeconds: 300,
      keyRing: () => state.ring,
      newId: () => {
        state.signed += 1
        return randomBytes(16).toString('base64url')
      },
      maxEntries: 1000,
    }),
    signingKid: () => state.ring.signing.kid,
    render: createRender(urls),
    cookiePrefix: COOKIE_PREFIX,
    events: seen.events,
    now: clock.now,
    monotonicSeconds: () => clock.now() / 1000,
  }
  const changed = { ...ports, ...change(ports) }

  return {
    check: createCheck(changed),
    ports: changed,
    clock,
    seen,
    ring,
    store,
    sessions,
    revocations,
    state,
    async signIn(to, identity = engineer, { token: tokenSeconds = 3600, session: sessionSeconds = 7200 } = {}) {
      const session: Session = {
        sid: freshSid(),
        identity,
        createdAtMs: clock.now(),
        expiresAtMs: clock.now() + sessionSeconds * 1000,
        userAgent: 'test',
        clientAddress: undefined,
        sealedIdToken: undefined,
        providerSid: undefined,
        refresh: undefined,
      }
      await store.save(session)
      const token = await mintedToken(state.ring, {
        issuer: urls.issuer,
        audience: to.audience,
        subject: identity.subject,
        sid: session.sid,
        now: clock.now(),
        lifetimeSeconds: tokenSeconds,
      })
      return { session, token, cookie: `${to.cookieName}=${token}` }
    },
    decisions: () => seen.lines().filter(({ event }) => event === 'decided'),
  }
}

export function defaultReaders(): ReadonlyMap<string, Reader> {
  return new Map(
    dialects.map((dialect) => [dialect.name, createReader(dialect, ADDRESS_SOURCES[dialect.name], urls.port)]),
  )
}

/** The headers of an answer by lower-case name; throws if one stands there twice. */
export function headersOf({ headers }: Pick<CheckAnswer, 'headers'>): Record<string, string> {
  const found: Record<string, string> = {}
  for (let index = 0; index < headers.length; index += 2) {
    const name = String(headers[index]).toLowerCase()
    if (name in found) throw new Error(`${name} stands there twice`)
    found[name] = String(headers[index + 1])
  }
  return found
}
