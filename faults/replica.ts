import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '../test/parts/port.ts'
import { startProcess } from '../test/parts/process.ts'
import { exchange } from './exchange.ts'

/** A Gatehouse in a process of its own. */
export interface Replica extends AsyncDisposable {
  readonly name: string
  /** Where its connections to the store come from. */
  readonly address: string
  readonly ports: Readonly<Record<'check' | 'portal' | 'ops' | 'admin', number>>
  readonly pid: number
  /** Where its audit trail is. */
  readonly auditFile: string
  isReady(): Promise<boolean>
  /** The metrics of now, in Prometheus' text format. */
  metrics(): Promise<string>
  /** What it has written since it was last started. */
  output(): string
  /** Ends it as a crash does and waits until it is gone. */
  kill9(): Promise<void>
  /** Starts it again with the same ports and waits until it is ready. */
  restart(): Promise<void>
  pause(): void
  resume(): void
  /** Has its wall clock be wrong by so much from now on. */
  setClock(wrongByMs: number): Promise<void>
}

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const PRELOAD = join(import.meta.dirname, 'preload.ts')

/**
 * Starts a replica and waits until it is ready.
 *
 * @param config its configuration but for the listeners' addresses
 */
export async function startReplica(settings: {
  readonly name: string
  readonly address: string
  readonly directory: string
  readonly config: Readonly<Record<string, unknown>>
  readonly adminTokenFile: string
}): Promise<Replica> {
  const { name, address, directory, config, adminTokenFile } = settings
  const place = join(directory, name)
  await mkdir(place, { recursive: true })
  const ports = await freePorts(['check', 'portal', 'ops', 'admin'])
  const listener = (port: number) => ({ host: '127.0.0.1', port })
  const file = join(place, 'gatehouse.yaml')
  const clock = join(place, 'clock')
  const auditFile = join(place, 'audit.jsonl')
  await writeFile(clock, '0')
  await writeFile(
    file,
    JSON.stringify({
      ...config,
      audit: { output: 'File', file: auditFile },
      listeners: { check: listener(ports.check), portal: listener(ports.portal), ops: listener(ports.ops) },
      admin: { ...listener(ports.admin), tokenFile: adminTokenFile },
    }),
  )
  const start = () =>
    startProcess({
      command: process.execPath,
      args: ['--import', PRELOAD, MAIN, 'start', '--config', file],
      cwd: place,
      env: { PATH: process.env.PATH, FAULTS_ADDRESS: address, FAULTS_CLOCK: clock },
      isReady,
      readyTimeoutMs: 60_000,
    })
  async function isReady(): Promise<boolean> {
    const answer = await exchange({ port: ports.ops, path: '/readyz', timeoutMs: 1_000 }).catch(() => undefined)
    return answer?.status === 200
  }
  let running = await start()
  return {
    name,
    address,
    ports,
    auditFile,
    get pid() {
      return running.pid
    },
    isReady,
    metrics: async () => (await exchange({ port: ports.ops, path: '/metrics' })).body,
    output: () => running.output(),
    async kill9() {
      running.signal('SIGKILL')
      await running.ended
    },
    async restart() {
      await running.stop()
      running = await start()
    },
    pause: () => running.signal('SIGSTOP'),
    resume: () => running.signal('SIGCONT'),
    async setClock(wrongByMs) {
      await writeFile(clock, String(wrongByMs))
      running.signal('SIGUSR2')
    },
    [Symbol.asyncDispose]: () => running.stop(),
  }
}

/** Kills a replica and starts it again: what it knew in memory is gone. */
export async function crash(replica: Replica): Promise<void> {
  await replica.kill9()
  await replica.restart()
}
