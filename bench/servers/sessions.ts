import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connectRedis } from '../../src/redis/connection.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import { newSessionId, sidOf } from '../../src/sessions/session-id.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { mintAppToken } from '../../src/tokens/app-token.ts'
import { parseKeySet } from '../../src/tokens/file.ts'
import { type KeyRing, keyRing } from '../../src/tokens/key-ring.ts'
import { stampsOf } from '../../src/tokens/stamp.ts'
import { AUTH_URL, type GatehouseServer } from './gatehouse.ts'
import { FULL, PERSON, PROVIDER } from './resources.ts'

const LIFETIME_SECONDS = 24 * 60 * 60
const AT_ONCE = 250

/** Makes tokens that Gatehouse has not seen yet, each of another session of another person. */
export interface SessionMaker extends AsyncDisposable {
  /** @returns cookies for the application with the full answer, name and value */
  readonly make: (count: number) => Promise<string[]>
}

/**
 * @param gatehouse the server whose keys sign the tokens
 * @param redisUrl where its sessions are; undefined: they cannot be reached, and all tokens are of the session that there is
 */
export async function sessionMaker(gatehouse: GatehouseServer, redisUrl: string | undefined): Promise<SessionMaker> {
  const ring = await keyRing(parseKeySet(await readFile(gatehouse.keyFile, 'utf8'), gatehouse.keyFile))
  const [cookie = '', token = ''] = gatehouse.credentials[FULL].split('=')
  const known = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    aud: [string]
    sid: string
    sub: string
  }
  await using cleanup = new AsyncDisposableStack()
  const store = redisUrl === undefined ? undefined : cleanup.use(await openStore(redisUrl, ring)).store

  async function one(): Promise<string> {
    const { sid, subject } = store === undefined ? { sid: known.sid, subject: known.sub } : await newSession(store)
    const minted = await mintAppToken(ring, {
      issuer: AUTH_URL,
      audience: known.aud[0],
      subject,
      sid,
      now: Date.now(),
      issuedAtMs: Date.now(),
      lifetimeSeconds: LIFETIME_SECONDS,
      id: randomBytes(16).toString('base64url'),
    })
    return `${cookie}=${minted}`
  }
  const owned = cleanup.move()
  return {
    async make(count) {
      const made: string[] = []
      while (made.length < count) {
        made.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - made.length) }, one))))
      }
      return made
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function openStore(url: string, ring: KeyRing): Promise<{ store: SessionStore } & AsyncDisposable> {
  const { hostname, port } = new URL(url)
  const ignore = () => undefined
  const redis = connectRedis(
    { host: hostname, port: Number(port), commandTimeoutMs: 10_000 },
    {
      events: {
        storeCalled: ignore,
        storeAvailability: ignore,
        storeSettingUnsafe: ignore,
        storePasswordFile: ignore,
      },
      now: () => performance.now(),
      random: Math.random,
    },
  )
  await redis.settled()
  const store = redisSessionStore({
    redis,
    events: { storeRecordUnreadable: ignore },
    now: Date.now,
    keyPrefix: 'gatehouse:',
    stamps: stampsOf(() => ring),
  })
  return { store, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() }
}

async function newSession(store: SessionStore): Promise<{ sid: string; subject: string }> {
  const sid = sidOf(newSessionId(randomBytes)) ?? ''
  const subject = randomBytes(32).toString('base64url')
  const now = Date.now()
  await store.save({
    sid,
    identity: {
      provider: PROVIDER,
      subject,
      email: PERSON.email,
      emailVerified: true,
      name: PERSON.name,
      preferredUsername: PERSON.preferred_username,
      groups: PERSON.groups,
      groupsIncomplete: false,
      claims: {},
    },
    createdAtMs: now,
    expiresAtMs: now + LIFETIME_SECONDS * 1000,
    userAgent: 'gatehouse-bench',
    clientAddress: '203.0.113.7',
    sealedIdToken: undefined,
    providerSid: undefined,
    refresh: undefined,
  })
  return { sid, subject }
}
