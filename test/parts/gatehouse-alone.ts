import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from './directory.ts'
import { freePorts } from './port.ts'
import { startProcess } from './process.ts'

/** A Gatehouse in a process of its own that needs nothing else: its store is its memory, its resources are files. */
export interface GatehouseAlone extends AsyncDisposable {
  readonly ports: Readonly<Record<'check' | 'portal' | 'ops', number>>
  /** The metrics of now, in Prometheus' text format. */
  metrics(): Promise<string>
}

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/**
 * Starts it, in the development mode, and waits until it is ready.
 *
 * @param manifests what it serves, as YAML
 */
export async function startGatehouseAlone(manifests: string): Promise<GatehouseAlone> {
  await using cleanup = new AsyncDisposableStack()
  const { path } = cleanup.use(await temporaryDirectory('alone'))
  const ports = await freePorts(['check', 'portal', 'ops'])
  const listeners = Object.entries(ports).map(([name, port]) => `${name}: { host: 127.0.0.1, port: ${port} }`)
  await mkdir(join(path, 'resources'))
  await writeFile(join(path, 'resources', 'all.yaml'), manifests)
  await writeFile(
    join(path, 'gatehouse.yaml'),
    `
development: true
auth: { url: 'http://auth.localhost:8000' }
listeners: { ${listeners.join(', ')} }
resources: { directory: resources }
store: { type: Memory }
keys: { file: keys.json }
shutdown: { notReadyDelay: 0s, timeout: 3s }
`,
  )
  const ask = (name: string) => fetch(`http://127.0.0.1:${ports.ops}/${name}`)
  cleanup.use(
    await startProcess({
      command: process.execPath,
      args: [MAIN, '--config', join(path, 'gatehouse.yaml')],
      env: { PATH: process.env.PATH },
      isReady: async () => (await ask('readyz')).ok,
      readyTimeoutMs: 30_000,
    }),
  )
  const owned = cleanup.move()
  return {
    ports,
    metrics: async () => (await ask('metrics')).text(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
