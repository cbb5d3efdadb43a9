import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from './directory.ts'
import { freePorts } from './port.ts'
import { type RunningProcess, startProcess } from './process.ts'

/**
 * A Gatehouse in a process of its own that needs nothing else: its store is its memory, and it serves one application
 * that is open to everybody, `default/app` on `app.localhost`.
 */
export interface GatehouseAlone extends AsyncDisposable {
  readonly ports: Readonly<Record<'check' | 'portal' | 'ops', number>>
  readonly process: RunningProcess
  /** The metrics of now, in Prometheus' text format. */
  metrics(): Promise<string>
}

/** The program. */
export const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

const OPEN_APP = `
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: { name: open }
spec: { action: Bypass, include: [{ everyone: {} }] }
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: app }
spec: { destinations: [{ host: app.localhost }], policies: [{ name: open }] }
`

/**
 * Starts it, in the development mode, and waits until it is ready.
 *
 * @param settings `notReadyDelay`: how long it says that it is not ready before it ends
 */
export async function startGatehouseAlone({
  notReadyDelay = '0s',
}: {
  readonly notReadyDelay?: string
} = {}): Promise<GatehouseAlone> {
  await using cleanup = new AsyncDisposableStack()
  const { path } = cleanup.use(await temporaryDirectory('alone'))
  const ports = await freePorts(['check', 'portal', 'ops'])
  const listeners = Object.entries(ports).map(([name, port]) => `${name}: { host: 127.0.0.1, port: ${port} }`)
  await mkdir(join(path, 'resources'))
  await writeFile(join(path, 'resources', 'all.yaml'), OPEN_APP)
  await writeFile(
    join(path, 'gatehouse.yaml'),
    `
development: true
auth: { url: 'http://auth.localhost:8000' }
listeners: { ${listeners.join(', ')} }
resources: { directory: resources }
store: { type: Memory }
keys: { file: keys.json }
shutdown: { notReadyDelay: ${notReadyDelay}, timeout: 5s }
`,
  )
  const ask = (name: string) => fetch(`http://127.0.0.1:${ports.ops}/${name}`)
  const running = cleanup.use(
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
    process: running,
    metrics: async () => (await ask('metrics')).text(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
