/** Weighs a million revocations and many sessions. Arguments: the port of a Redis that is empty enough. */
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { connectRedis } from '../../src/redis/connection.ts'
import { RESTORE_BATCH } from '../../src/revocation/log.ts'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import { redisRevocationLog, revocationKey } from '../../src/revocation/redis.ts'
import type { Revocation } from '../../src/revocation/revocation.ts'
import { createSessionCache } from '../../src/sessions/cache.ts'
import { infoFields } from '../../test/parts/redis-command.ts'
import { newSession, SILENT } from '../../test/parts/session-writer.ts'

/** What one of them takes, in bytes. */
export interface HeldBytes {
  readonly entries: number
  readonly sessions: number
  readonly view: number
  readonly redis: number
  readonly session: number
  /** Milliseconds in which all revocations are read. */
  readonly load: number
}

const ENTRIES = 1_000_000
const SESSIONS = 100_000
const LIFE_MS = 30 * 24 * 3_600_000
const PREFIX = 'weighed:'

const port = Number(process.argv[2])
const monotonicMs = () => performance.now()

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('node --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

async function usedBytes(client: Redis): Promise<number> {
  return Number(infoFields(await client.info('memory')).used_memory)
}

const redis = connectRedis(
  { host: '127.0.0.1', port, commandTimeoutMs: 10_000 },
  { events: SILENT, now: monotonicMs, random: Math.random },
)
const link = redis.openLink(revocationKey(PREFIX, 'stream'))
await redis.settled()
const log = redisRevocationLog({
  ...{ scripts: link, tail: link, keyPrefix: PREFIX, replicasToAcknowledge: 0, events: SILENT, now: Date.now },
  clock: { lowerBound: () => 0 },
  monotonicMs,
  newName: () => randomBytes(16).toString('hex'),
})
const client = new Redis(port)

const before = await usedBytes(client)
for (let done = 0; done < ENTRIES; done += RESTORE_BATCH) {
  const now = Date.now()
  const batch = Array.from({ length: RESTORE_BATCH }, (): Revocation => {
    const sid = randomBytes(32).toString('base64url')
    return { scope: { kind: 'session', sid }, atMs: now, expiresAtMs: now + LIFE_MS }
  })
  await log.restore(batch)
}
const inRedis = (await usedBytes(client)) - before

const heapBefore = heapBytes()
const view = createRevocationView({ monotonicMs, now: Date.now, maxStalenessMs: 30_000 })
const startedAt = performance.now()
const { position } = await log.end()
for await (const page of log.load(position)) for (const revocation of page) view.addHeld(revocation)
const load = performance.now() - startedAt
const inView = heapBytes() - heapBefore
if (view.size() !== ENTRIES) throw new Error(`${view.size()} of ${ENTRIES} were read`)

const cacheBefore = heapBytes()
const cache = createSessionCache({
  store: {
    find: async (sid) => {
      const session = { ...newSession(), sid }
      // Apart from everything else, as what is read from a store is.
      return { ...(JSON.parse(JSON.stringify(session)) as typeof session), lastSeenAtMs: session.createdAtMs }
    },
    touch: async () => undefined,
  },
  view,
  events: { internalError: () => undefined, sessionRecordLost: () => undefined },
  now: Date.now,
  settings: { maxEntries: 2 * SESSIONS },
})
const sids: string[] = []
for (let done = 0; done < SESSIONS; done += 1) {
  const { sid } = newSession()
  await cache.load(sid)
  if (done % 10_000 === 0) sids.push(sid)
}
const inCache = heapBytes() - cacheBefore
if (sids.some((sid) => typeof cache.peek(sid) !== 'object')) throw new Error('a session was not kept')

const held: HeldBytes = {
  entries: ENTRIES,
  sessions: SESSIONS,
  view: inView / ENTRIES,
  redis: inRedis / ENTRIES,
  session: inCache / SESSIONS,
  load,
}
process.stdout.write(JSON.stringify(held))
client.disconnect()
await link.close()
await redis.close()
