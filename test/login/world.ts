import { createHash } from 'node:crypto'
import type { LoginPorts } from '../../src/login/login-ports.ts'
import { memoryCodeStore } from '../../src/login/memory.ts'
import type { Events } from '../../src/observe/events.ts'
import type { Application } from '../../src/policy/application.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { type PolicySet, policySet } from '../../src/policy/policy-set.ts'
import { publicUrls } from '../../src/policy/public-url.ts'
import type { OidcProvider } from '../../src/providers/provider.ts'
import { createSessionCache } from '../../src/sessions/cache.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import { type KeyRing, keyRing } from '../../src/tokens/key-ring.ts'
import { newKeySet } from '../../src/tokens/key-set.ts'
import { type Clock, standingClock } from '../contracts/clock.ts'
import { sampleApplication, samplePolicy } from '../policy/sample.ts'
import { type Revoked, simpleRevocations } from './revocations.ts'
import { registryOf, scriptedProvider } from './scripted-provider.ts'

export const AUTH = 'https://auth.example.com'
export const APP = 'https://app.example.com'

/** Everything a login works with, small and real, and what came of it. */
export interface LoginWorld {
  readonly ports: LoginPorts
  readonly clock: Clock
  readonly ring: KeyRing
  /** Change this list and the providers change. */
  readonly providers: OidcProvider[]
  /** Events in their order: the name, then what was told. */
  readonly events: readonly (readonly [name: string, event: Record<string, unknown>])[]
  /** Calls of both stores in their order, as `sessions.save` or `codes.take`. */
  readonly storeCalls: string[]
  /** Texts handed to the stores. */
  readonly stored: string[]
  /** What has been revoked, in its order. */
  readonly revoked: readonly Revoked[]
  /** Names of store operations that give no answer; `*` stands for all of them. */
  readonly down: Set<string>
  serve(applications: readonly Application[] | undefined): void
}

export interface WorldOptions {
  /** Default: the application `team/app` at `app.example.com/`, open to whoever signs in. */
  readonly applications?: readonly Application[]
  /** Default: one scripted provider, `corporate`. */
  readonly providers?: readonly OidcProvider[]
  /** Plain http and plain cookie names. */
  readonly isDevelopment?: boolean
  readonly sessionSeconds?: number
  readonly appTokenSeconds?: number
  /** Two installations with different seeds have different keys. */
  readonly seed?: string
}

/** The same bytes in every run, never the same twice in one. */
export function countedRandomness(seed = 'seed'): (size: number) => Buffer {
  let count = 0
  return (size) => {
    const blocks: Buffer[] = []
    for (let bytes = 0; bytes < size; bytes += 32) {
      blocks.push(createHash('sha256').update(`${seed} ${count}`).digest())
      count += 1
    }
    return Buffer.concat(blocks).subarray(0, size)
  }
}

/** An application with an audience and a cookie of its own, open to whoever signs in. */
export function anApplication(name: string, parts: Partial<Application> = {}): Application {
  const audience = createHash('sha256').update(name).digest('hex')
  return sampleApplication({
    name,
    audience,
    cookieName: `__Host-gatehouse-${audience.slice(0, 16)}`,
    destinations: [{ host: `${name}.example.com`, path: '/' }],
    policies: [samplePolicy({ key: `team/${name}-policy` })],
    ...parts,
  })
}

export async function loginWorld(options: WorldOptions = {}): Promise<LoginWorld> {
  const { applications = [anApplication('app')], isDevelopment = false } = options
  const clock = standingClock()
  const randomBytes = countedRandomness(options.seed)
  const providers = [...(options.providers ?? [scriptedProvider('corporate', 'Corporate')])]
  const ring = await keyRing(await newKeySet('ES256', { now: clock.now, randomBytes }))
  const events: [string, Record<string, unknown>][] = []
  const spied = { storeCalls: [] as string[], stored: [] as string[], down: new Set<string>() }
  let served: PolicySet | undefined = policySet(applications)
  const revocations = simpleRevocations(clock.now, (operation) => spied.down.has('*') || spied.down.has(operation))
  const sessions = spyOn('sessions', memorySessionStore({ now: clock.now }), spied)

  const ports: LoginPorts = {
    urls: publicUrls(new URL(isDevelopment ? 'http://auth.localhost:8000' : AUTH)),
    policySet: () => served,
    providers: registryOf(providers),
    sessions,
    sessionCache: createSessionCache({
      store: sessions,
      view: revocations.view,
      events: eventsInto(events),
      now: clock.now,
    }),
    codes: spyOn('codes', memoryCodeStore({ now: clock.now }), spied),
    revocations: revocations.view,
    revoker: revocations.revoker,
    issueTime: revocations.issueTime,
    refresher: {
      begin: async ({ refreshToken }) =>
        refreshToken === undefined
          ? undefined
          : { sealedToken: 'sealed', dueAtMs: clock.now() + 3_600_000, confirmedAtMs: clock.now() },
    },
    keyRing: () => ring,
    cookieStyle: isDevelopment ? { prefix: '', isSecure: false } : { prefix: '__Host-', isSecure: true },
    maxSessionsPerUser: undefined,
    sessionSeconds: options.sessionSeconds ?? 86_400,
    appTokenSeconds: options.appTokenSeconds ?? 86_400,
    events: eventsInto(events),
    now: clock.now,
    randomBytes,
  }
  return {
    ports,
    clock,
    ring,
    providers,
    events,
    ...spied,
    revoked: revocations.revoked,
    serve(next) {
      served = next && policySet(next)
    },
  }
}

/** What the world's events of one name said. */
export function eventsNamed(world: LoginWorld, name: keyof Events): Record<string, unknown>[] {
  return world.events.filter(([told]) => told === name).map(([, event]) => event)
}

function eventsInto(list: [string, Record<string, unknown>][]): Events {
  return new Proxy({} as Events, {
    get: (_, name: string) => (event: Record<string, unknown>) => void list.push([name, event]),
  })
}

function spyOn<Store extends object>(
  kind: string,
  store: Store,
  spied: Pick<LoginWorld, 'storeCalls' | 'stored' | 'down'>,
): Store {
  return new Proxy(store, {
    get(target, name: string) {
      const operation = `${kind}.${name}`
      return async (...parameters: unknown[]) => {
        spied.storeCalls.push(operation)
        if (spied.down.has('*') || spied.down.has(operation)) throw new StoreUnavailableError(`${operation} is down`)
        spied.stored.push(JSON.stringify(parameters))
        return (target as Record<string, (...all: unknown[]) => unknown>)[name]?.(...parameters)
      }
    },
  })
}
