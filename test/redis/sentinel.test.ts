import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RedisConnection } from '../../src/redis/connection.ts'
import type { RedisSettings } from '../../src/redis/settings.ts'
import { needs } from '../parts/needs.ts'
import type { AnnouncedServer } from '../parts/redis-network.ts'
import { type RedisSentinels, startRedisSentinels } from '../parts/redis-sentinel.ts'
import { until } from '../parts/until.ts'
import { connectedTo } from './connected.ts'
import { ping, runIdOf } from './questions.ts'

const LOGIN = { username: 'gatehouse', password: 'canary-of-a-password' }
const SENTINEL_PASSWORD = 'canary-of-the-sentinels'
/** What the set needs to notice and to elect, and what we need to follow. */
const BACK_WITHIN_MS = 15_000

function settingsOf({ addresses, masterName }: RedisSentinels): RedisSettings {
  return { ...LOGIN, sentinel: { masterName, addresses, password: SENTINEL_PASSWORD } }
}

async function runIdAt(set: RedisSentinels, server: AnnouncedServer): Promise<string | undefined> {
  return /run_id:(\w+)/.exec(String(await set.command(server, 'INFO', 'server')))?.[1]
}

/** Puts one value after the other; says how each went. */
function keepWriting(redis: RedisConnection) {
  let isStopped = false
  const outcomes: ('ok' | 'unavailable')[] = []
  const others: unknown[] = []
  const done = (async () => {
    for (let count = 0; !isStopped; count += 1) {
      await redis
        .call('write', (commands) => commands.set(`key-${count}`, 'value'))
        .then(
          () => outcomes.push('ok'),
          (error: unknown) =>
            error instanceof StoreUnavailableError ? outcomes.push('unavailable') : others.push(error),
        )
      await pause(10)
    }
  })()
  return {
    outcomes,
    others,
    async stop() {
      isStopped = true
      await done
    },
  }
}

needs('redis-server', 'a connection to a Sentinel set', () => {
  let set: RedisSentinels
  beforeAll(async () => {
    set = await startRedisSentinels({ login: LOGIN, sentinelPassword: SENTINEL_PASSWORD })
  }, 60_000)
  afterAll(() => set.stop())

  test('writes to the master, and every Sentinel that is configured vouches for its link', async () => {
    await using connection = await connectedTo(settingsOf(set))
    expect(connection.events.availability).toEqual([{ isAvailable: true, detail: 'connected' }])
    await connection.redis.call('write', (commands) => commands.set('key', 'value'))
    const master = await set.master()
    expect(await set.command(master, 'GET', 'key')).toBe('value')

    const link = connection.redis.openLink('key')
    await until('the link is to the master', () => link.isAuthoritative())
    expect(await runIdOf(link)).toBe(await runIdAt(set, master))
    await link.close()
  })

  test('says why it knows no master', async () => {
    const { sentinel, ...rest } = settingsOf(set) as Required<Pick<RedisSettings, 'sentinel'>> & RedisSettings
    await using stranger = await connectedTo({
      ...rest,
      sentinel: { ...sentinel, masterName: 'another' },
    } as RedisSettings)
    expect(stranger.events.availability).toEqual([
      { isAvailable: false, detail: 'Sentinels: no master is called another' },
    ])
    await using misled = await connectedTo({ ...rest, sentinel: { ...sentinel, password: 'wrong' } } as RedisSettings)
    expect(misled.events.availability).toEqual([{ isAvailable: false, detail: 'Sentinels: WRONGPASS' }])
    await expect(ping(misled.redis)).rejects.toThrow(StoreUnavailableError)
  })

  test('is back within seconds after the master was killed, and so is a link', { timeout: 60_000 }, async () => {
    await set.settled()
    await using connection = await connectedTo(settingsOf(set))
    const link = connection.redis.openLink('key')
    await until('the link is there', () => link.isAuthoritative())
    const firstId = link.connectionId()
    const old = await set.master()
    const oldRunId = await runIdOf(link)
    const writing = keepWriting(connection.redis)
    await until('something was written', () => writing.outcomes.includes('ok'))

    await old.kill9()
    await until('it is noticed', () => writing.outcomes.includes('unavailable'))
    await until('writing goes on', () => writing.outcomes.at(-1) === 'ok' && connection.redis.isAvailable(), {
      timeoutMs: BACK_WITHIN_MS,
    })
    await until('the link is to the new master', () => link.isAuthoritative(), { timeoutMs: BACK_WITHIN_MS })
    await writing.stop()
    expect(writing.others).toEqual([])
    expect(await runIdOf(link)).not.toBe(oldRunId)
    expect(await runIdOf(link)).toBe(await runIdAt(set, await set.master()))
    expect(link.connectionId()).not.toBe(firstId)
    await link.close()
    await old.restart()
    await set.settled()
  })

  test('follows when the master is stopped without a word', { timeout: 60_000 }, async () => {
    await set.settled()
    await using connection = await connectedTo(settingsOf(set))
    const link = connection.redis.openLink('key')
    await until('the link is there', () => link.isAuthoritative())
    const old = await set.master()
    old.pause()
    try {
      await until('the link is to another', () => link.isAuthoritative() && set.master().then((now) => now !== old), {
        timeoutMs: BACK_WITHIN_MS,
      })
      await until('calls are answered', () => connection.redis.call('write', (commands) => commands.set('a', 'b')), {
        timeoutMs: BACK_WITHIN_MS,
      })
    } finally {
      old.resume()
    }
    await set.settled()
    expect(await runIdOf(link)).toBe(await runIdAt(set, await set.master()))
    await link.close()
  })
})

needs('redis-server', 'an old master that is cut off from all but one Sentinel and us', () => {
  let set: RedisSentinels
  beforeAll(async () => {
    set = await startRedisSentinels({ isProxied: true })
  }, 60_000)
  afterAll(() => set.stop())

  const isOurs = (address: string) => address === '127.0.0.1'

  test('is used, but not believed; when the others come back, all goes to the new one', {
    timeout: 60_000,
  }, async () => {
    const { masterName, addresses } = set
    await using connection = await connectedTo({ sentinel: { masterName, addresses } })
    const link = connection.redis.openLink('key')
    await until('the link is there', () => link.isAuthoritative())
    const old = await set.master()
    const oldRunId = await runIdOf(link)
    const [loyal, ...others] = set.sentinels
    if (loyal === undefined) throw new Error('there are no Sentinels')
    // On one side the old master, one Sentinel and we; on the other everybody else.
    const inside = [old, loyal]
    const insiders = new Set(inside.map(({ address }) => address))
    for (const server of inside) {
      server.proxy?.disturb({ kind: 'silent' }, (address) => !isOurs(address) && !insiders.has(address))
    }
    for (const server of [...set.servers, ...others]) {
      if (!inside.includes(server)) {
        server.proxy?.disturb({ kind: 'silent' }, (address) => isOurs(address) || insiders.has(address))
      }
    }

    await until('nobody vouches for it any more', () => !link.isAuthoritative(), { timeoutMs: 7000 })
    const fresh = await until(
      'there is a new master',
      async () => {
        const now = await set.master()
        return now === old ? undefined : now
      },
      { timeoutMs: 20_000 },
    )
    await connection.redis.call('write', (commands) => commands.set('key', 'at the old one'))
    expect(await runIdOf(link)).toBe(oldRunId)
    expect(link.isAuthoritative()).toBe(false)

    for (const server of [...set.servers, ...set.sentinels]) server.proxy?.restore()
    await until('the link is to the new master', () => link.isAuthoritative(), { timeoutMs: BACK_WITHIN_MS })
    expect(await runIdOf(link)).toBe(await runIdAt(set, fresh))
    await until('calls go there too', async () => {
      await connection.redis.call('write', (commands) => commands.set('key', 'at the new one'))
      return (await set.command(fresh, 'GET', 'key')) === 'at the new one'
    })
    await link.close()
  })
})
