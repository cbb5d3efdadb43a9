import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testCertificate } from './certificate.ts'
import { type RunningProcess, startProcess } from './process.ts'

/** A Gatehouse in a process of its own, started as the chart's Deployment starts it. */
export interface GatehouseReplica extends AsyncDisposable {
  readonly name: string
  /** The address that its listeners have for themselves, on the ports that the chart gives them. */
  readonly address: string
  readonly running: RunningProcess
  /** Whether it says that it is ready. */
  isReady(): Promise<boolean>
  /** The metrics of now, in Prometheus' text format. */
  metrics(): Promise<string>
  /** The lines of its log so far. */
  log(): readonly Readonly<Record<string, unknown>>[]
  /** Ends it as a crash does and waits until it is gone. */
  kill9(): Promise<void>
  stop(): Promise<void>
}

export interface ReplicaSettings {
  /** `metadata.name` of the pod that it stands for. */
  readonly name: string
  /** An address of 127.0.0.0/8. */
  readonly address: string
  /** What is written of it goes here. */
  readonly directory: string
  /** `gatehouse.yaml` of the chart's ConfigMap. */
  readonly config: string
  /** A kubeconfig of the chart's ServiceAccount, which stands for the token that a pod is given. */
  readonly kubeconfig: string
  /** What the Secret of Redis holds. */
  readonly redisUrl: string
  /** Further variables of the environment. */
  readonly env?: Readonly<Record<string, string>>
}

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/** Starts it and waits until it lives, not until it is ready. */
export async function startReplica(settings: ReplicaSettings): Promise<GatehouseReplica> {
  const { name, address, directory, config, kubeconfig, redisUrl, env = {} } = settings
  const place = join(directory, name)
  await mkdir(place, { recursive: true })
  const files = { config: join(place, 'gatehouse.yaml'), redis: join(place, 'redis-url') }
  await writeFile(files.config, config)
  await writeFile(files.redis, redisUrl)
  const ask = (path: string) => fetch(`http://${address}:9090${path}`)
  const running = await startProcess({
    command: process.execPath,
    args: [MAIN, 'start', '--config', files.config],
    cwd: place,
    env: {
      PATH: process.env.PATH,
      POD_NAME: name,
      KUBECONFIG: kubeconfig,
      NODE_EXTRA_CA_CERTS: testCertificate.authorityFile,
      GATEHOUSE_STORE_REDIS_URL_FILE: files.redis,
      GATEHOUSE_LISTENERS_CHECK_HOST: address,
      GATEHOUSE_LISTENERS_PORTAL_HOST: address,
      GATEHOUSE_LISTENERS_OPS_HOST: address,
      GATEHOUSE_SHUTDOWN_NOT_READY_DELAY: '0s',
      GATEHOUSE_SHUTDOWN_TIMEOUT: '3s',
      ...env,
    },
    isReady: async () => (await ask('/livez')).ok,
  })
  const stop = () => running.stop()
  return {
    name,
    address,
    running,
    isReady: async () => (await ask('/readyz')).ok,
    metrics: async () => (await ask('/metrics')).text(),
    log: () => running.output().split('\n').flatMap(lineOf),
    async kill9() {
      running.signal('SIGKILL')
      await running.ended
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function lineOf(text: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(text) as Record<string, unknown>]
  } catch {
    return []
  }
}
