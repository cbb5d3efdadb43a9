import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compose } from '../src/compose.ts'
import { loadConfig } from '../src/config/load.ts'
import type { Config } from '../src/config/schema.ts'
import { temporaryDirectory } from './parts/directory.ts'
import { freePorts, isListening } from './parts/port.ts'

async function configFor(ports: Record<'check' | 'portal' | 'ops', number>, directory: string): Promise<Config> {
  await mkdir(join(directory, 'resources'))
  const listeners = Object.entries(ports).map(([name, port]) => `${name}: { host: 127.0.0.1, port: ${port} }`)
  const text = `
development: true
auth: { url: 'http://auth.localhost:8000' }
listeners: { ${listeners.join(', ')} }
resources: { directory: resources }
store: { type: Memory }
keys: { file: keys.json }
log: { level: error }
shutdown: { notReadyDelay: 0s, timeout: 5s }
`
  await writeFile(join(directory, 'gatehouse.yaml'), text)
  const loaded = await loadConfig({ file: undefined, cwd: directory, env: {}, readFile: async () => text })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

test('a listener that cannot be had leaves none of the others behind', async () => {
  await using directory = await temporaryDirectory('compose')
  const ports = await freePorts(['check', 'portal', 'ops'])
  const other = createServer().listen(ports.portal, '127.0.0.1')
  await once(other, 'listening')
  await expect(compose(await configFor(ports, directory.path), { version: 'test' })).rejects.toThrow('EADDRINUSE')
  other.close()
  await once(other, 'close')
  expect(await Promise.all([ports.check, ports.portal, ports.ops].map(isListening))).toEqual([false, false, false])
})

test('a service that has stopped has closed every listener', async () => {
  await using directory = await temporaryDirectory('compose')
  const ports = await freePorts(['check', 'portal', 'ops'])
  const service = await compose(await configFor(ports, directory.path), { version: 'test' })
  expect(await Promise.all([ports.check, ports.portal, ports.ops].map(isListening))).toEqual([true, true, true])
  await service.stop('test')
  expect(await Promise.all([ports.check, ports.portal, ports.ops].map(isListening))).toEqual([false, false, false])
})

test('the portal reads heads as large as the checks do, and keeps idle connections as long', async () => {
  await using directory = await temporaryDirectory('compose')
  const ports = await freePorts(['check', 'portal', 'ops'])
  const service = await compose(await configFor(ports, directory.path), { version: 'test' })
  const headers = { host: 'auth.localhost:8000', cookie: `app=${'x'.repeat(40_000)}` }
  const [response] = (await once(get({ host: '127.0.0.1', port: ports.portal, path: '/', headers }), 'response')) as [
    IncomingMessage,
  ]
  response.resume()
  expect(response.statusCode).toBe(302)
  // Longer than nginx (60 s) and Traefik (90 s) keep theirs, so that it is never we who close one under a request.
  expect(Number(/timeout=(\d+)/.exec(String(response.headers['keep-alive']))?.[1])).toBeGreaterThan(90)
  await service.stop('test')
})
