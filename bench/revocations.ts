import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Redis } from 'ioredis'
import { createRevocationView } from '../src/revocation/memory-view.ts'
import { recordScript } from '../src/revocation/redis-scripts.ts'
import type { Revocation } from '../src/revocation/revocation.ts'
import { startRedis } from '../test/parts/redis.ts'

/**
 * Measures what a great many revocations cost: `node bench/revocations.ts [count]`. In this process: bytes for each, the time
 * of a question, and how long the event loop stands still at most while they come in, in pages as a follower takes them. In
 * Redis: bytes for each, the stream apart, and the time of one more.
 */
const COUNT = Number(process.argv[2] ?? 1_000_000)
const PAGE = 1000
const LIFE_MS = 30 * 24 * 3_600_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const now = Date.now()

const sidOf = (index: number) => Buffer.from(`${index}`.padStart(32, 'sid')).toString('base64url')

function usedMemory(): number {
  collect()
  collect()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

function page(start: number): Revocation[] {
  return Array.from({ length: Math.min(PAGE, COUNT - start) }, (_, offset) => ({
    scope: { kind: 'session', sid: sidOf(start + offset) },
    atMs: now + start + offset,
    expiresAtMs: now + start + offset + LIFE_MS,
  }))
}

async function measureProcess(): Promise<void> {
  const before = usedMemory()
  const view = createRevocationView({ monotonicMs: () => performance.now(), now: () => now, maxStalenessMs: 30_000 })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  for (let start = 0; start < COUNT; start += PAGE) {
    for (const revocation of page(start)) view.addHeld(revocation)
    await new Promise(setImmediate)
  }
  delay.disable()
  const bytes = (usedMemory() - before) / COUNT
  const identity = { provider: 'corporate', subject: 'x'.repeat(43), email: 'ada@example.com' }
  const sessions = Array.from({ length: 1000 }, (_, index) => ({
    sid: `${sidOf(index).slice(0, -1)}_`,
    createdAtMs: now,
    providerSid: 'provider-session',
    identity,
  }))
  for (const scope of [{ kind: 'subject', subject: 'y' } as const, { kind: 'email', email: 'y' } as const]) {
    view.add({ scope, atMs: now, expiresAtMs: now + LIFE_MS })
  }
  let hits = 0
  const rounds = 2000
  for (let warmUp = 0; warmUp < 100; warmUp += 1) for (const one of sessions) hits += Number(view.hitsSession(one))
  const startedAt = performance.now()
  for (let round = 0; round < rounds; round += 1) for (const one of sessions) hits += Number(view.hitsSession(one))
  const nanoseconds = ((performance.now() - startedAt) * 1e6) / (rounds * sessions.length)
  console.log(`in process: ${bytes.toFixed(0)} bytes each, ${nanoseconds.toFixed(0)} ns a question (${hits} hits)`)
  console.log(
    `event loop while they come: at most ${(delay.max / 1e6).toFixed(0)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms`,
  )
}

async function measureRedis(): Promise<void> {
  await using server = await startRedis()
  const redis = new Redis(server.port)
  const keys = ['set', 'stream', 'state', 'clock'].map((part) => `gatehouse:{revocation}:${part}`)
  const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
  const empty = await usedBytes()
  for (let start = 0; start < COUNT; start += PAGE) {
    await Promise.all(
      page(start).map(({ scope }) =>
        redis
          .evalsha(recordScript.sha, 4, ...keys, 0, 'name', now, `session/${(scope as { sid: string }).sid}`, LIFE_MS)
          .catch(() =>
            redis.eval(
              recordScript.text,
              4,
              ...keys,
              0,
              'name',
              now,
              `session/${(scope as { sid: string }).sid}`,
              LIFE_MS,
            ),
          ),
      ),
    )
  }
  const full = await usedBytes()
  const stream = Number(await redis.call('MEMORY', 'USAGE', keys[1] ?? '', 'SAMPLES', '0'))
  const startedAt = performance.now()
  for (let index = 0; index < 1000; index += 1) {
    await redis.evalsha(recordScript.sha, 4, ...keys, 0, 'name', now, `session/more-${index}`, LIFE_MS)
  }
  const microseconds = ((performance.now() - startedAt) * 1000) / 1000
  console.log(
    `in Redis: ${((full - empty - stream) / COUNT).toFixed(0)} bytes each, the stream ${(stream / 1e6).toFixed(1)} MB in all`,
  )
  console.log(`one more: ${microseconds.toFixed(0)} µs, round trip included`)
  redis.disconnect()
}

console.log(`${COUNT} revocations of sessions`)
await measureProcess()
await measureRedis()
