import { afterAll, beforeAll, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { StoreCommandError } from '../../src/redis/failure.ts'
import type { RedisLink } from '../../src/redis/link.ts'
import { runScript, script } from '../../src/redis/script.ts'
import { endsAtOnce, endsWithin } from '../parts/ending.ts'
import { needs } from '../parts/needs.ts'
import { freePort } from '../parts/port.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { redisCommand } from '../parts/redis-command.ts'
import { until } from '../parts/until.ts'
import { type Connected, connected } from './connected.ts'
import { find, pingLink } from './questions.ts'

test('a link to a server that is away fails at once', async () => {
  await using connection = await connected({ port: await freePort() })
  const link = connection.redis.openLink('key')
  const call = pingLink(link)
  expect(await endsAtOnce(call)).toBe(true)
  await expect(call).rejects.toThrow(StoreUnavailableError)
  expect(link.isAuthoritative()).toBe(false)
  await until('it is reported', async () => {
    await pingLink(link).catch(() => undefined)
    return connection.events.calls.some(({ detail }) => detail === 'no connection to the master')
  })
  await link.close()
})

needs('redis-server', 'a link to a real Redis', () => {
  let server: RedisPart
  let connection: Connected
  let link: RedisLink
  beforeAll(async () => {
    server = await startRedis()
    connection = await connected({ port: server.port, database: 3 })
    link = connection.redis.openLink('key')
  })
  afterAll(async () => {
    await link?.close()
    await connection?.redis.close()
    await server?.stop()
  })

  test('is another connection to the same database', async () => {
    await until('it is there', () => link.isAuthoritative())
    const set = script("return redis.call('SET', KEYS[1], ARGV[1])")
    expect(await link.run('set', 500, (commands) => runScript(commands, set, ['key'], ['value']))).toBe('OK')
    expect(await link.run('set', 500, (commands) => runScript(commands, set, ['key'], ['again']))).toBe('OK')
    expect(await find(connection.redis, 'key')).toBe('again')
    const names = await redisCommand(server.port, ['CLIENT', 'LIST'])
    expect(String(names)).toMatch(/name=gatehouse .*db=3[\s\S]*name=gatehouse-link .*db=3/)
  })

  test('may wait for longer than a call may take, and is asked meanwhile whether it is the master', async () => {
    const before = link.connectionId()
    const reply = await link.run('tail', 3000, (commands) => commands.xread('BLOCK', 1500, 'STREAMS', 'none', '$'))
    expect(reply).toBeNull()
    expect(link.isAuthoritative()).toBe(true)
    expect(link.connectionId()).toBe(before)
  })

  test('says what the server does not accept, and goes on', async () => {
    const before = link.connectionId()
    const wrong = link.run('wrong', 500, (commands) => commands.eval("return redis.call('NONSENSE')", 0))
    await expect(wrong).rejects.toThrow(StoreCommandError)
    await pingLink(link)
    expect(link.connectionId()).toBe(before)
  })

  test('is made anew when there is no answer in time', async () => {
    const before = link.connectionId()
    server.pause()
    const call = pingLink(link, 200)
    expect(await endsWithin(400, call)).toBe(true)
    await expect(call).rejects.toThrow(StoreUnavailableError)
    await expect(pingLink(link)).rejects.toThrow(StoreUnavailableError)
    server.resume()
    await until('it is there again', () => pingLink(link))
    expect(link.connectionId()).not.toBe(before)
    expect(link.isAuthoritative()).toBe(true)
  })

  test('is made anew when the connection is lost, or the server', async () => {
    for (const lose of [
      () => redisCommand(server.port, ['CLIENT', 'KILL', 'TYPE', 'normal']),
      () => server.restart(),
    ]) {
      const before = link.connectionId()
      await lose()
      await until('it is there again', async () => link.connectionId() !== before && (await pingLink(link)))
    }
  })

  test('does not believe a server that follows another one', { timeout: 20_000 }, async () => {
    await until('it is there', () => link.isAuthoritative())
    await redisCommand(server.port, ['REPLICAOF', '127.0.0.1', await freePort()])
    await until('it is noticed', () => !link.isAuthoritative())
    await expect(pingLink(link)).rejects.toThrow(StoreUnavailableError)
    await redisCommand(server.port, ['REPLICAOF', 'NO', 'ONE'])
    await until('it is believed again', () => link.isAuthoritative())
  })

  test('is given up at once when the server refuses a write as a replica, or lets go of who waits', async () => {
    await until('it is there', () => link.isAuthoritative())
    const waiting = link.run('tail', 5000, (commands) => commands.xread('BLOCK', 3000, 'STREAMS', 'none', '$'))
    const outcome = expect(waiting).rejects.toThrow(StoreUnavailableError)
    await until('somebody waits', async () =>
      /blocked_clients:1/.test(String(await redisCommand(server.port, ['INFO']))),
    )
    const before = link.connectionId()
    await redisCommand(server.port, ['REPLICAOF', '127.0.0.1', await freePort()])
    await outcome
    expect(link.isAuthoritative()).toBe(false)
    await redisCommand(server.port, ['REPLICAOF', 'NO', 'ONE'])
    await until('it is believed again', () => link.isAuthoritative())
    expect(link.connectionId()).not.toBe(before)
  })

  test('reports no failure while its first connection is made, nor when it is closed', async () => {
    const first = connection.redis.openLink('key')
    const before = connection.events.calls.length
    await expect(pingLink(first)).rejects.toThrow(StoreUnavailableError)
    await until('it is there', () => first.isAuthoritative())
    const waiting = first.run('tail', 5000, (commands) => commands.xread('BLOCK', 3000, 'STREAMS', 'none', '$'))
    const outcome = expect(waiting).rejects.toThrow(StoreUnavailableError)
    await first.close()
    await outcome
    await expect(pingLink(first)).rejects.toThrow(StoreUnavailableError)
    expect(connection.events.calls.slice(before)).toEqual([])
  })

  test('counts its calls', () => {
    const outcomes = connection.events.calls
      .filter(({ operation }) => operation === 'ping')
      .map(({ outcome }) => outcome)
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'unavailable']))
  })
})
