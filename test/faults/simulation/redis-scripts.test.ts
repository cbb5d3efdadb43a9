import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { createRandom, type Random } from '../../../faults/simulation/random.ts'
import { emptyData, type RedisData, streamAt } from '../../../faults/simulation/redis-data.ts'
import { type ScriptCall, scriptModels } from '../../../faults/simulation/redis-scripts.ts'
import { readInfo } from '../../../src/redis/info.ts'
import { runScript, type Script } from '../../../src/redis/script.ts'
import {
  announceScript,
  lookScript,
  pageScript,
  recordScript,
  restoreScript,
} from '../../../src/revocation/redis-scripts.ts'
import { needs } from '../../parts/needs.ts'
import { startRedis } from '../../parts/redis.ts'

const KEYS = ['set', 'stream', 'state', 'clock'].map((part) => `{revocation}:${part}`)
const [SET = '', STREAM = ''] = KEYS
const SCOPES = ['session/a', 'session/bb', 'subject/ada', 'email/ada@example.com', 'everybody']
/** What has ended by then is swept; the clock of issues is far ahead of it, and of the server's. */
const SWEPT_BEFORE = 1_000_000_000_000
const CLOCK = 4_000_000_000_000
const STEPS = 400
const START = ['0-0', '0-0'] as const

/** A server and a model of it, which are told the same. */
interface Pair {
  readonly redis: Redis
  readonly data: RedisData
  readonly of: Pick<ScriptCall, 'runId' | 'replicationId'>
  /** Ids of entries at the server and in the model, by their number. */
  readonly ids: Map<string, readonly [real: string, modelled: string]>
  /** How many entries have been compared. */
  entries: number
}

/** Runs a script in both places. */
async function both(pair: Pair, which: Script, args: readonly (string | number)[], step: number) {
  const all = [CLOCK + step * 10_000, `name${step}`, SWEPT_BEFORE, ...args]
  const real = await runScript(pair.redis, which, KEYS, all)
  return [real, modelled(pair, which, all.map(String), serverTime(which, real, args))] as const
}

/** What the server's time was, where it shows: what is recorded ends so long after it, unless that scope has a later end. */
function serverTime(which: Script, reply: unknown, args: readonly (string | number)[]): number {
  const [, life] = args
  return which === recordScript ? Math.min(Number((reply as string[])[2]) - Number(life), Date.now()) : Date.now()
}

function modelled({ data, of }: Pair, { sha }: Script, args: readonly string[], timeMs = Date.now()): unknown {
  const call = { keys: KEYS, args, timeMs, replicasOnline: 0, ...of }
  return scriptModels.get(sha)?.run(data, call)
}

/** What a look says, with entries by their numbers, and without the server's time. */
function seen([foreign, server, role, clock, , count, last, entries]: unknown[]) {
  const list = entries as [id: string, fields: string[]][]
  return { foreign, server, role, clock, count, isEmpty: last === '0-0', entries: list.map(([, fields]) => fields) }
}

async function look(pair: Pair, random: Random, step: number): Promise<void> {
  const known = [...pair.ids.values()]
  const [realId, modelId] = random.chance(0.8) ? random.pick([...known, START]) : ['', '']
  const name = [CLOCK + step * 10_000, `name${step}`, SWEPT_BEFORE]
  const real = (await runScript(pair.redis, lookScript, KEYS, [...name, realId, 1000])) as unknown[]
  const own = modelled(pair, lookScript, [...name, modelId, 1000].map(String)) as unknown[]
  expect(seen(own), `look ${step}`).toEqual(seen(real))
  for (const [index, [id, fields]] of (real[7] as [string, string[]][]).entries()) {
    const [ownId = ''] = (own[7] as [string, string[]][])[index] ?? []
    pair.ids.set(String(fields[1]), [id, ownId])
    pair.entries += 1
  }
}

async function page(pair: Pair, step: number): Promise<void> {
  const [[server, cursor, real], [ownServer, , first]] = (await both(pair, pageScript, [0, 1000], step)) as [
    [string, string, string[]],
    [string, string, string[]],
  ]
  const [, end, second] = modelled(pair, pageScript, ['', '', '', '1', '1000']) as [string, string, string[]]
  expect([cursor, end, server]).toEqual(['0', '0', ownServer])
  expect(pairsOf([...first, ...second]), `page ${step}`).toEqual(pairsOf(real))
}

function pairsOf(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((field, index) => (index % 2 === 0 ? [[field, flat[index + 1] ?? '']] : [])))
}

/** What somebody does to the data behind our back. */
async function damage({ redis, data, ids }: Pair, random: Random): Promise<void> {
  const scope = random.pick(SCOPES)
  switch (random.index(4)) {
    case 0:
      await redis.flushall()
      // An id of before may lie behind one of after in the same millisecond.
      ids.clear()
      return data.clear()
    case 1:
      await redis.del(SET)
      return void data.delete(SET)
    case 2: {
      await redis.hdel(SET, scope)
      const set = data.get(SET)
      if (set instanceof Map) set.delete(scope)
      return
    }
    default:
      await redis.xtrim(STREAM, 'MAXLEN', 0)
      streamAt(data, STREAM)?.entries.splice(0)
  }
}

async function step(pair: Pair, random: Random, number: number): Promise<void> {
  const dice = random.next()
  if (dice < 0.05) return damage(pair, random)
  if (dice < 0.35) return look(pair, random, number)
  if (dice < 0.5) return page(pair, number)
  const expires = () => SWEPT_BEFORE + Math.floor(random.between(-5000, 5000))
  // Not so late that the clock would still be ahead of the next step's lower bound, and go on by the time that passes.
  const moment = () => CLOCK + number * 10_000 + Math.floor(random.between(-50_000, 5000))
  const restored = () => [random.pick(SCOPES), moment(), expires()]
  const [real, own] =
    dice < 0.75
      ? await both(pair, recordScript, [random.pick(SCOPES), random.pick([0, 5000, 60_000])], number)
      : dice < 0.85
        ? await both(pair, announceScript, [`sid${number}`], number)
        : await both(pair, restoreScript, [...restored(), ...restored()], number)
  expect(own, `step ${number}`).toEqual(real)
}

needs('redis-server', 'the model of the scripts', () => {
  test.for([1, 2, 3])('answers as a real server does, and leaves the same behind, in play %i', async (seed) => {
    await using server = await startRedis()
    const redis = new Redis(server.port, '127.0.0.1')
    try {
      const info = readInfo(await redis.info())
      const of = { runId: info.get('run_id') ?? '', replicationId: info.get('master_replid') ?? '' }
      const pair: Pair = { redis, data: emptyData(), of, ids: new Map(), entries: 0 }
      const random = createRandom(seed)
      for (let number = 1; number <= STEPS; number += 1) await step(pair, random, number)
      expect(pair.entries).toBeGreaterThan(500)
    } finally {
      redis.disconnect()
    }
  })
})
