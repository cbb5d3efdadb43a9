import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connectRedis } from '../../src/redis/connection.ts'
import { redisRevocationLog, revocationKey } from '../../src/revocation/redis.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import type { Session } from '../../src/sessions/session.ts'
import { newSessionId, sidOf } from '../../src/sessions/session-id.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { mintAppToken } from '../../src/tokens/app-token.ts'
import { parseKeySet } from '../../src/tokens/file.ts'
import { type KeyRing, keyRing } from '../../src/tokens/key-ring.ts'
import { stampsOf } from '../../src/tokens/stamp.ts'
import type { RedisLogin } from './redis-command.ts'

/** Writes sessions past every replica, by the keys that the replicas share. */
export interface SessionWriter extends AsyncDisposable {
  readonly store: SessionStore
  readonly ring: KeyRing
  /** Saves a session of somebody new: one who has just signed in, but for what is given. */
  write(parts?: Partial<Session>): Promise<Session>
  /** Tells every replica that a session's record has changed. */
  announce(sid: string): Promise<void>
  /**
   * A credential of a session's, as somebody else's who has signed in to the application.
   *
   * @param like name and value of that one's cookie
   */
  credential(like: string, session: Session): Promise<string>
}

const LIFE_MS = 24 * 3_600_000

/** @param keyFile the replicas' keys */
export async function openSessionWriter({
  port,
  login = {},
  keyFile,
  keyPrefix = 'gatehouse:',
}: {
  readonly port: number
  readonly login?: RedisLogin
  readonly keyFile: string
  readonly keyPrefix?: string
}): Promise<SessionWriter> {
  const ring = await keyRing(parseKeySet(await readFile(keyFile, 'utf8'), keyFile))
  const redis = connectRedis(
    { host: '127.0.0.1', port, ...login, commandTimeoutMs: 10_000 },
    { events: SILENT, now: () => performance.now(), random: Math.random },
  )
  const link = redis.openLink(revocationKey(keyPrefix, 'stream'))
  await redis.settled()
  const store = redisSessionStore({ redis, events: SILENT, now: Date.now, keyPrefix, stamps: stampsOf(() => ring) })
  const { announce } = redisRevocationLog({
    ...{ scripts: link, tail: link, keyPrefix, replicasToAcknowledge: 0, events: SILENT, now: Date.now },
    clock: { lowerBound: () => 0 },
    monotonicMs: () => performance.now(),
    newName: () => randomBytes(16).toString('hex'),
  })
  return {
    store,
    ring,
    announce,
    async write(parts = {}) {
      const session = { ...newSession(), ...parts }
      await store.save(session)
      return session
    },
    credential: (like, session) => credentialOf(ring, like, session),
    async [Symbol.asyncDispose]() {
      await link.close()
      await redis.close()
    },
  }
}

const ignore = () => undefined
/** Events of a store that nobody listens to. */
export const SILENT = {
  storeCalled: ignore,
  storeAvailability: ignore,
  storeSettingUnsafe: ignore,
  storePasswordFile: ignore,
  storeRecordUnreadable: ignore,
}

/** A session of somebody new, who has just signed in. */
export function newSession(): Session {
  const now = Date.now()
  const subject = randomBytes(32).toString('base64url')
  return {
    sid: sidOf(newSessionId(randomBytes)) ?? '',
    identity: {
      provider: 'company',
      subject,
      email: `${subject.slice(0, 12).toLowerCase()}@example.com`,
      emailVerified: true,
      name: 'Ada Lovelace',
      preferredUsername: 'ada',
      groups: ['engineering', 'staff'],
      groupsIncomplete: false,
      claims: {},
    },
    createdAtMs: now,
    expiresAtMs: now + LIFE_MS,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    clientAddress: '203.0.113.7',
    sealedIdToken: undefined,
    providerSid: undefined,
    refresh: undefined,
  }
}

/** As `SessionWriter.credential`, of a session that is anywhere. */
export async function credentialOf(
  ring: KeyRing,
  like: string,
  { sid, identity }: { readonly sid: string; readonly identity: Pick<Session['identity'], 'subject'> },
): Promise<string> {
  const [name = '', token = ''] = like.split('=')
  const { iss, aud } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly iss: string
    readonly aud: readonly [string]
  }
  const minted = await mintAppToken(ring, {
    issuer: iss,
    audience: aud[0],
    subject: identity.subject,
    sid,
    now: Date.now(),
    issuedAtMs: Date.now(),
    lifetimeSeconds: LIFE_MS / 1000,
    id: randomBytes(16).toString('base64url'),
  })
  return `${name}=${minted}`
}
