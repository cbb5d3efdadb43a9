import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { temporaryDirectory } from './directory.ts'
import { freePort } from './port.ts'
import { type RunningProcess, startProcess } from './process.ts'
import { requireProgram } from './programs.ts'

/** A real Redis of its own, without anything on disk unless its arguments ask for it. */
export interface RedisPart extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Of the process that runs now; a restart changes it. */
  readonly pid: number
  /** What the server wrote. */
  output(): string
  /** Ends it and removes its directory. */
  stop(): Promise<void>
  /** Ends it as a crash does and waits until it is gone; `restart` brings it back. */
  kill9(): Promise<void>
  /** Stops its process without closing a connection: it accepts and never answers. */
  pause(): void
  /** Takes back `pause`. */
  resume(): void
  /** Starts it again on the same port; ends it first if it runs. */
  restart(): Promise<void>
}

export interface RedisSettings {
  /** Further command-line arguments, e.g. `['--appendonly', 'yes']` to keep data over a restart. */
  readonly args?: readonly string[]
  /** Text of a configuration file, which the server may rewrite. Default: none. */
  readonly configuration?: string
  /** Default: a free one. */
  readonly port?: number
}

/** Starts redis-server on a port of 127.0.0.1 and waits until it answers. */
export async function startRedis({ args = [], configuration, ...settings }: RedisSettings = {}): Promise<RedisPart> {
  const command = requireProgram('redis-server')
  await using cleanup = new AsyncDisposableStack()
  const directory = cleanup.use(await temporaryDirectory('redis'))
  const port = settings.port ?? (await freePort())
  const file = join(directory.path, 'redis.conf')
  if (configuration !== undefined) await writeFile(file, configuration)

  const start = (): Promise<RunningProcess> =>
    startProcess({
      command,
      args: [
        ...(configuration === undefined ? [] : [file]),
        ...['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory.path],
        ...args,
      ],
      isReady: () => answersPing(port),
    })
  let running = await start()
  const owned = cleanup.move()

  async function kill9(): Promise<void> {
    running.signal('SIGKILL')
    await running.ended
  }
  async function stop(): Promise<void> {
    await running.stop()
    await owned.disposeAsync()
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return running.pid
    },
    output: () => running.output(),
    stop,
    kill9,
    pause: () => running.signal('SIGSTOP'),
    resume: () => running.signal('SIGCONT'),
    async restart() {
      await running.stop()
      running = await start()
    },
    [Symbol.asyncDispose]: stop,
  }
}

function answersPing(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
  socket.setTimeout(1_000, () => resolve(false))
  socket.once('data', (data) => resolve(/^(\+PONG|-NOAUTH)/.test(data.toString())))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
