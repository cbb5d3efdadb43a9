import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { needs } from '../parts/needs.ts'
import { freePort } from '../parts/port.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { redisCommand } from '../parts/redis-command.ts'
import { startRedisSentinels } from '../parts/redis-sentinel.ts'
import { until } from '../parts/until.ts'
import { connected, connectedTo } from './connected.ts'
import { ping } from './questions.ts'
import { recordedEvents } from './recorded-events.ts'
import { RIGHTS, refusals } from './rights.ts'

const USER = 'gatehouse'

// Self-signed, for localhost, valid for a hundred years; the key protects nothing.
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

/** Replaces a file at one go, as Secrets in a cluster are. */
async function replaceFile(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content)
  await rename(`${file}.new`, file)
}

const setPassword = (server: RedisPart, password: string) =>
  redisCommand(server.port, ['ACL', 'SETUSER', USER, 'resetpass', `>${password}`])
const dropConnections = (server: RedisPart) => redisCommand(server.port, ['CLIENT', 'KILL', 'USER', USER])

needs('redis-server', 'a user with no more rights than it needs', () => {
  test('is refused nothing, over TLS with a certificate of its own', async () => {
    const [certFile, keyFile] = [fixture('certificate.pem'), fixture('key.pem')]
    const cert = readFileSync(certFile, 'utf8')
    const key = readFileSync(keyFile, 'utf8')
    const tlsPort = await freePort()
    await using server = await startRedis({
      args: [
        ...['--tls-port', `${tlsPort}`, '--tls-cert-file', certFile],
        ...['--tls-key-file', keyFile, '--tls-ca-cert-file', certFile],
        ...['--user', USER, 'on', '>secret-1', '~gatehouse:*', ...RIGHTS],
      ],
    })
    const settings = { port: tlsPort, username: USER, password: 'secret-1', database: 1 }
    await using connection = await connected({ ...settings, tls: { ca: cert, cert, key, servername: 'localhost' } })
    expect(connection.events.availability).toEqual([{ isAvailable: true, detail: 'connected' }])
    const link = connection.redis.openLink('gatehouse:key')
    await until('the link is there', () => link.isAuthoritative())
    const stored = await connection.redis.call('save', (commands) => commands.set('gatehouse:a', 'b'))
    expect(stored).toBe('OK')
    await until('the settings were looked at', () => connection.events.settings.length === 3)
    // It may not read the configuration, and so says nothing of persistence.
    expect(await refusals(server)).toEqual(['config|get'])
    await link.close()

    await using stranger = await connected({ ...settings, tls: { ca: cert, servername: 'localhost' } })
    expect(stranger.redis.isAvailable()).toBe(false)
  })
})

needs('redis-server', 'a password in a file', () => {
  test('may be wrong at first: the right one is used as soon as it is there', async () => {
    await using directory = await temporaryDirectory('password')
    const path = join(directory.path, 'password')
    await writeFile(path, 'wrong-1')
    await using server = await startRedis({ args: ['--user', USER, 'on', '>secret-1', '~*', '+@all'] })
    await using connection = await connected({
      port: server.port,
      username: USER,
      password: 'wrong-1',
      passwordFile: { path, holds: 'Password' },
    })
    expect(connection.events.availability).toEqual([{ isAvailable: false, detail: 'WRONGPASS' }])
    await replaceFile(path, 'secret-1\n')
    await until('it is connected', () => connection.redis.isAvailable(), { timeoutMs: 5000 })
    expect(await ping(connection.redis)).toBe('PONG')
    expect(connection.events.passwords).toEqual([{ account: 'server', outcome: 'changed', detail: undefined }])
  })

  test('is rotated without a call that fails, and connections that come later use it', async () => {
    await using directory = await temporaryDirectory('password')
    const path = join(directory.path, 'url')
    const urlOf = (password: string) => `redis://${USER}:${password}@127.0.0.1:6379/0`
    await writeFile(path, urlOf('secret-1'))
    await using server = await startRedis({ args: ['--user', USER, 'on', '>secret-1', '~*', '+@all'] })
    const events = recordedEvents()
    await using connection = await connected(
      { port: server.port, username: USER, password: 'secret-1', passwordFile: { path, holds: 'Url' } },
      events,
    )
    const link = connection.redis.openLink('key')
    await until('the link is there', () => link.isAuthoritative())
    const before = link.connectionId()
    for (const [round, password] of ['secret-2', 'secret-3'].entries()) {
      await setPassword(server, password)
      await replaceFile(path, urlOf(password))
      await until('it is noticed', () => events.passwords.length === round + 1, { timeoutMs: 6000 })
      expect(await ping(connection.redis)).toBe('PONG')
    }
    expect(link.connectionId()).toBe(before)
    expect(events.availability).toHaveLength(1)

    // Without the old file's password: who connects now needs the new one.
    await dropConnections(server)
    await until('both are there again', async () => (await ping(connection.redis)) === 'PONG' && link.isAuthoritative())
    expect(link.connectionId()).not.toBe(before)
    expect(
      events.calls.filter(({ operation, outcome }) => operation === 'ping' && outcome !== 'ok').length,
    ).toBeLessThan(200)
    expect(JSON.stringify(events)).not.toContain('secret-')
    await link.close()
  })

  test('is read again at once when a connection that is made anew is refused', async () => {
    await using directory = await temporaryDirectory('password')
    const path = join(directory.path, 'password')
    await writeFile(path, 'secret-1')
    await using server = await startRedis({ args: ['--user', USER, 'on', '>secret-1', '~*', '+@all'] })
    await using connection = await connected({
      port: server.port,
      username: USER,
      password: 'secret-1',
      passwordFile: { path, holds: 'Password' },
    })
    await setPassword(server, 'secret-2')
    await replaceFile(path, 'secret-2')
    const startedAt = performance.now()
    await dropConnections(server)
    await expect(ping(connection.redis)).rejects.toThrow(StoreUnavailableError)
    await until('it is connected', () => connection.redis.isAvailable())
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })

  test('of the Sentinels is followed too', { timeout: 60_000 }, async () => {
    await using directory = await temporaryDirectory('password')
    const path = join(directory.path, 'password')
    await writeFile(path, 'wrong-1')
    await using set = await startRedisSentinels({ sentinelPassword: 'secret-1' })
    await using connection = await connectedTo({
      sentinel: {
        masterName: set.masterName,
        addresses: set.addresses,
        password: 'wrong-1',
        passwordFile: { path, holds: 'Password' },
      },
    })
    expect(connection.events.availability).toEqual([{ isAvailable: false, detail: 'Sentinels: WRONGPASS' }])
    await replaceFile(path, 'secret-1')
    await until('it is connected', () => connection.redis.isAvailable())
    expect(connection.events.passwords).toEqual([{ account: 'sentinel', outcome: 'changed', detail: undefined }])
  })
})

needs('redis-server', 'the settings of a server', () => {
  test('are looked at when it is connected to, and reported', async () => {
    await using server = await startRedis({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] })
    await using connection = await connected({ port: server.port, replicasToAcknowledge: 1 })
    await until('they were looked at', () => connection.events.settings.length === 4)
    expect(connection.events.settings).toEqual([
      { setting: 'maxmemory-policy', found: 'allkeys-lru', expected: 'noeviction', isOver: false },
      { setting: 'version', found: undefined, expected: '7.0 or newer', isOver: false },
      { setting: 'replicas', found: '0', expected: 'at least 1', isOver: false },
      {
        setting: 'persistence',
        found: 'nothing is kept on disk',
        expected: 'an append-only file, or snapshots',
        isOver: false,
      },
    ])
    await redisCommand(server.port, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'save', '3600 1'])
    await redisCommand(server.port, ['CLIENT', 'KILL', 'TYPE', 'normal'])
    await until('they were looked at again', () => connection.events.settings.length === 6)
    expect(connection.events.settings.slice(4).map(({ setting, found }) => [setting, found])).toEqual([
      ['maxmemory-policy', undefined],
      ['persistence', undefined],
    ])
  })
})
