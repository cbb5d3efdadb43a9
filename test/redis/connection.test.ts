import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { endsAtOnce, endsWithin } from '../parts/ending.ts'
import { needs } from '../parts/needs.ts'
import { freePort } from '../parts/port.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { redisCommand } from '../parts/redis-command.ts'
import { until } from '../parts/until.ts'
import { connected } from './connected.ts'
import { ping } from './questions.ts'
import type { RecordedEvents } from './recorded-events.ts'

const PASSWORD = 'canary-of-a-password'

const states = ({ availability }: RecordedEvents) => availability.map(({ isAvailable }) => isAvailable)

test('a server that is away does not keep us from starting, and calls fail at once', async () => {
  await using link = await connected({ port: await freePort(), password: PASSWORD })
  expect(link.redis.isAvailable()).toBe(false)
  const call = ping(link.redis)
  expect(await endsAtOnce(call)).toBe(true)
  await expect(call).rejects.toThrow(StoreUnavailableError)
  expect(link.events.availability).toEqual([{ isAvailable: false, detail: 'ECONNREFUSED' }])
})

test('a server that accepts and never answers is reported as unavailable', async () => {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})))
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  try {
    await using link = await connected({ port })
    expect(link.redis.isAvailable()).toBe(false)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})

test('a command that was lost with its connection is not sent again when there is a new one', async () => {
  const seen: string[] = []
  const replies = new Map([
    ['hello', '%1\r\n+server\r\n+redis\r\n'],
    ['info', '$9\r\nloading:0\r\n'],
    ['eval', '+PONG\r\n'],
  ])
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      for (const [, name = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        seen.push(name)
        if (name === 'set') socket.destroy()
        else socket.write(replies.get(name) ?? '+OK\r\n')
      }
    })
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  try {
    await using link = await connected({ port })
    const save = link.redis.call('save', (commands) => commands.set('key', 'value'))
    await expect(save).rejects.toThrow(StoreUnavailableError)
    await until('there is a new connection', () => link.redis.isAvailable())
    expect(await ping(link.redis)).toBe('PONG')
    expect(seen.filter((name) => name === 'hello').length).toBeGreaterThanOrEqual(2)
    expect(seen.filter((name) => name === 'set')).toHaveLength(1)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})

test('closing works in every state, and twice', async () => {
  const link = await connected({ port: await freePort() })
  await link.redis.close()
  await link.redis.close()
  expect(link.redis.isAvailable()).toBe(false)
  await expect(ping(link.redis)).rejects.toThrow(StoreUnavailableError)
})

needs('redis-server', 'a connection to a real Redis', () => {
  test('is available, and closing is no loss to report', async () => {
    await using server = await startRedis()
    const link = await connected({ port: server.port })
    expect(link.redis.isAvailable()).toBe(true)
    expect(await ping(link.redis)).toBe('PONG')
    await link.redis.close()
    expect(states(link.events)).toEqual([true])
    await expect(ping(link.redis)).rejects.toThrow(StoreUnavailableError)
  })

  test('does not take a stall of our own for silence of the server', async () => {
    await using server = await startRedis()
    await using link = await connected({ port: server.port, commandTimeoutMs: 50 })
    const calls = Array.from({ length: 20 }, () => ping(link.redis))
    // The answers are there long before the event loop comes to read them, and so is every timeout.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'PONG'))
    expect(states(link.events)).toEqual([true])
  })

  test('keeps to the database it is given, and uses no other one where the server refuses it', async () => {
    await using server = await startRedis()
    await using second = await connected({ port: server.port, database: 2 })
    await second.redis.call('set', (commands) => commands.set('whose', 'second'))
    await using first = await connected({ port: server.port })
    expect(await first.redis.call('take', (commands) => commands.getdel('whose'))).toBeNull()

    await using none = await connected({ port: server.port, database: 99 })
    expect(states(none.events)).toEqual([false])
    expect(none.events.availability.at(-1)?.detail).toContain('database 99')
    await expect(none.redis.call('set', (commands) => commands.set('whose', 'nobody'))).rejects.toThrow(
      StoreUnavailableError,
    )
    expect(await first.redis.call('take', (commands) => commands.getdel('whose'))).toBeNull()
  })

  test('is found when the server starts later than we do', async () => {
    await using server = await startRedis()
    await server.kill9()
    await using link = await connected({ port: server.port })
    expect(link.redis.isAvailable()).toBe(false)
    await server.restart()
    await until('the connection is there', () => link.redis.isAvailable())
    expect(states(link.events)).toEqual([false, true])
  })

  test('mends itself after each of several restarts, and reports each change once', async () => {
    await using server = await startRedis()
    await using link = await connected({ port: server.port })
    const expected = [true]
    for (let round = 0; round < 3; round += 1) {
      await server.restart()
      expected.push(false, true)
      await until('the loss was seen', () => states(link.events).length === expected.length)
    }
    expect(states(link.events)).toEqual(expected)
  })

  test('is given up and made anew when the server stops answering without closing it', async () => {
    await using server = await startRedis()
    await using link = await connected({ port: server.port, commandTimeoutMs: 100 })
    server.pause()
    for (let time = 0; time < 5; time += 1) {
      const call = ping(link.redis)
      expect(await endsWithin(300, call)).toBe(true)
      await expect(call).rejects.toThrow(StoreUnavailableError)
    }
    expect(link.redis.isAvailable()).toBe(false)
    await until('calls fail at once', () => endsAtOnce(ping(link.redis)))
    await until('the connection is given up', async () => {
      await ping(link.redis).catch(() => {})
      return link.events.calls.at(-1)?.detail === 'connection closed'
    })
    server.resume()
    await until('it is available without anybody calling', () => link.redis.isAvailable())
    expect(await ping(link.redis)).toBe('PONG')
    expect(states(link.events)).toEqual([true, false, true])
  })

  describe('with a password', () => {
    let server: RedisPart
    beforeAll(async () => {
      server = await startRedis({ args: ['--user', 'gatehouse', 'on', `>${PASSWORD}`, '~*', '+@all'] })
    })
    afterAll(() => server.stop())

    test('is available to the right ACL user', async () => {
      await using link = await connected({ port: server.port, username: 'gatehouse', password: PASSWORD, database: 3 })
      expect(link.redis.isAvailable()).toBe(true)
    })

    test('is unavailable with a wrong one, tries again, and never says it', async () => {
      await using link = await connected({ port: server.port, username: 'gatehouse', password: `wrong-${PASSWORD}` })
      expect(link.redis.isAvailable()).toBe(false)
      const call = ping(link.redis)
      const error = await call.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(StoreUnavailableError)
      expect(link.events.availability).toEqual([{ isAvailable: false, detail: 'WRONGPASS' }])
      const told = JSON.stringify([link.events, error, String((error as Error).stack), (error as Error).cause])
      expect(told).not.toContain(PASSWORD)
    })
  })

  test('speaks TLS to a server whose certificate it can verify, and to no other', async () => {
    // Self-signed, for localhost, valid for a hundred years; the key protects nothing.
    const cert = fileURLToPath(new URL('fixtures/certificate.pem', import.meta.url))
    const key = fileURLToPath(new URL('fixtures/key.pem', import.meta.url))
    await using server = await startRedis()
    const tlsPort = await freePort()
    const settings = { 'tls-cert-file': cert, 'tls-key-file': key, 'tls-auth-clients': 'no', 'tls-port': `${tlsPort}` }
    await redisCommand(server.port, ['CONFIG', 'SET', ...Object.entries(settings).flat()])

    const ca = readFileSync(cert, 'utf8')
    await using trusted = await connected({ port: tlsPort, tls: { ca, servername: 'localhost' } })
    expect(trusted.redis.isAvailable()).toBe(true)
    await using stranger = await connected({ port: tlsPort, tls: { servername: 'localhost' } })
    expect(stranger.events.availability).toEqual([{ isAvailable: false, detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' }])
    await using misnamed = await connected({ port: tlsPort, tls: { ca, servername: 'redis.example.com' } })
    expect(misnamed.events.availability).toEqual([{ isAvailable: false, detail: 'ERR_TLS_CERT_ALTNAME_INVALID' }])
  })
})
