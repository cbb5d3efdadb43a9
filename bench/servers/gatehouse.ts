import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '../../test/parts/directory.ts'
import type { OpenIdProvider } from '../../test/parts/openid-provider.ts'
import { freePorts, isListening } from '../../test/parts/port.ts'
import { startProcess } from '../../test/parts/process.ts'
import { until } from '../../test/parts/until.ts'
import { type Machine, pinned } from '../machine.ts'
import { PUBLIC_PORT } from '../request.ts'
import { type Cookies, logIn } from './log-in.ts'
import { FULL, USER, writeResources } from './resources.ts'
import type { BenchServer } from './start.ts'

/** Where the auth host says it is. */
export const AUTH_URL = `http://auth.localhost:${PUBLIC_PORT}`
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Gatehouse in a process of its own, as `npm start` runs it, with somebody signed in. */
export interface GatehouseServer extends BenchServer {
  /** The cookie of each application that somebody has signed in to, name and value. */
  readonly credentials: Readonly<Record<typeof FULL | typeof USER, string>>
  readonly keyFile: string
  readonly opsPort: number
}

export interface GatehouseSettings {
  readonly applications: number
  /** Share of the allows that get a line in the log. */
  readonly allowSampling: number
  /** Undefined: sessions in memory. */
  readonly redisUrl?: string
  /** Further arguments for Node. */
  readonly nodeArgs?: readonly string[]
}

/** Starts Gatehouse and signs in over HTTP. Its log goes to /dev/null. */
export async function startGatehouse(
  machine: Machine,
  provider: OpenIdProvider,
  settings: GatehouseSettings,
): Promise<GatehouseServer> {
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('bench'))
  const ports = await freePorts(['check', 'portal', 'ops'])
  const { resources, secrets } = await writeResources(directory, {
    applications: settings.applications,
    issuer: provider.issuer,
  })
  await mkdir(join(directory, 'keys'))
  const keyFile = join(directory, 'keys', 'keys.json')
  const file = join(directory, 'gatehouse.yaml')
  await writeFile(
    file,
    JSON.stringify({
      auth: { url: AUTH_URL },
      development: true,
      listeners: {
        check: { host: '127.0.0.1', port: ports.check },
        portal: { host: '127.0.0.1', port: ports.portal },
        ops: { host: '127.0.0.1', port: ports.ops },
      },
      resources: { directory: resources, secretsDirectory: secrets },
      store: settings.redisUrl === undefined ? { type: 'Memory' } : redisStore(settings.redisUrl),
      keys: { file: keyFile, create: true },
      log: { level: 'info', allowSampling: settings.allowSampling },
      shutdown: { notReadyDelay: '0s', timeout: '5s' },
    }),
  )
  const node = [process.execPath, ...(settings.nodeArgs ?? []), MAIN, '--config', file]
  const { command, args } = pinned(machine.serverCore, {
    command: 'sh',
    args: ['-c', 'exec "$@" >/dev/null', 'sh', ...node],
  })
  const running = await startProcess({
    command,
    args,
    cwd: directory,
    isReady: () => isListening(ports.check),
    readyTimeoutMs: 120_000,
  })
  cleanup.use(running)
  await until('Gatehouse is ready', () => isReady(ports.ops), { timeoutMs: 60_000, everyMs: 50 })

  const cookies: Cookies = new Map()
  const credentials = {
    [FULL]: await logIn(ports.portal, FULL, cookies),
    [USER]: await logIn(ports.portal, USER, cookies),
  }
  const owned = cleanup.move()
  return {
    port: ports.check,
    pid: running.pid,
    opsPort: ports.ops,
    credentials,
    keyFile,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function redisStore(url: string): object {
  return { type: 'Redis', redis: { url } }
}

async function isReady(opsPort: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${opsPort}/readyz`)
  await response.body?.cancel()
  return response.ok
}
