import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../../test/parts/directory.ts'
import { startRedis } from '../../test/parts/redis.ts'
import { redisCommand } from '../../test/parts/redis-command.ts'
import { type AnnouncedServer, announced } from '../../test/parts/redis-network.ts'
import { until } from '../../test/parts/until.ts'
import type { StoreForm } from './store-form.ts'

/** A store whose password can be changed. */
export interface OneServer extends StoreForm {
  /** Has the server ask for another password from now on, of those who are connected too. */
  changePassword(): Promise<void>
  /** Puts the password that the server asks for into the file that Gatehouse reads. */
  tellPassword(): Promise<void>
}

/**
 * One Redis server with a password in a file. What it has answered for has been handed to the system, so that a crash of the
 * server alone loses nothing; it does not wait for the disk, which others use too.
 */
export async function startOneServer(args: readonly string[] = []): Promise<OneServer> {
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('faults-password'))
  const passwordFile = join(directory, 'password')
  let password = 'first-password-of-the-fault-harness'
  const tellPassword = () => writeFile(passwordFile, password)
  await tellPassword()
  const durable = ['--appendonly', 'yes', '--appendfsync', 'no', '--enable-debug-command', 'local']
  const server = cleanup.use(
    await announced({ isProxied: true }, 0, 'server', (port, configuration) =>
      startRedis({
        port,
        args: [...durable, ...args],
        configuration: [...configuration, `requirepass ${password}`].join('\n'),
      }),
    ),
  )
  const command = (_: AnnouncedServer, ...words: readonly (string | number)[]) =>
    redisCommand(server.port, words, { password, timeoutMs: 10_000 })
  const owned = cleanup.move()
  return {
    settings: { url: `redis://127.0.0.1:${server.announcedPort}`, passwordFile },
    get login() {
      return { password }
    },
    servers: [server],
    sentinels: [],
    master: async () => server,
    masterOf: async () => server,
    replicas: async () => [],
    command,
    failover: () => Promise.reject(new Error('one server has nobody to take its place')),
    async settled() {
      await until('the server answers', async () => (await command(server, 'PING')) === 'PONG')
    },
    async changePassword() {
      const next = `${password}-and-on`
      await command(server, 'CONFIG', 'SET', 'requirepass', next)
      password = next
      await command(server, 'CONFIG', 'REWRITE')
      await command(server, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    },
    tellPassword,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
