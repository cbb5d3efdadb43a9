import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from './parts/directory.ts'
import { MAIN, startGatehouseAlone } from './parts/gatehouse-alone.ts'
import { until } from './parts/until.ts'

const CHECK = {
  'X-Forwarded-Method': 'GET',
  'X-Forwarded-Host': 'app.localhost',
  'X-Forwarded-Uri': '/',
  'X-Forwarded-For': '192.0.2.7',
}

interface Got {
  readonly status: number | undefined
  readonly connection: string | undefined
}

function ask(port: number, path: string, headers: Record<string, string>, agent?: Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, headers, ...(agent && { agent }) },
      (answer: IncomingMessage) => {
        answer.resume()
        answer.on('end', () => resolve({ status: answer.statusCode, connection: answer.headers.connection }))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

test('SIGTERM: not ready first, then every check under way is answered, then exit 0', async () => {
  await using alone = await startGatehouseAlone({ notReadyDelay: '500ms' })
  const { ports, process: service } = alone
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const answers: Got[] = []
  let failed = 0
  let isAsking = true
  const clients = Array.from({ length: 8 }, async () => {
    while (isAsking) {
      try {
        answers.push(await ask(ports.check, '/forward/app/default/app', CHECK, agent))
      } catch {
        failed += 1
        return
      }
    }
  })
  await until('checks are answered', () => answers.length > 50)
  service.signal('SIGTERM')
  await until('it says that it is not ready', async () => (await ask(ports.ops, '/readyz', {})).status === 503)
  const before = answers.length
  await until('checks are still answered', () => answers.length > before + 20)
  // What a proxy does once it has seen that: it sends nothing new here.
  isAsking = false
  await Promise.all(clients)

  expect(await service.ended).toEqual({ code: 0, signal: null })
  expect(failed).toBe(0)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(answers.at(-1)?.connection).toBe('close')
  agent.destroy()
})

test('a configuration that is not valid ends the process with 2, a key file that others can read with 1', async () => {
  await using directory = await temporaryDirectory('main')
  const run = (file: string) =>
    new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(process.execPath, [MAIN, '--config', file], { env: { PATH: process.env.PATH } }, (error, out, err) => {
        resolve({ code: error?.code ?? 0, output: out + err })
      })
    })
  const bad = join(directory.path, 'bad.yaml')
  await writeFile(bad, 'auth: { url: ftp://x }\n')
  expect(await run(bad)).toMatchObject({ code: 2, output: expect.stringContaining('auth.url') })

  await mkdir(join(directory.path, 'resources'))
  await writeFile(join(directory.path, 'keys.json'), '{}', { mode: 0o644 })
  const open = join(directory.path, 'open.yaml')
  await writeFile(
    open,
    `
development: true
auth: { url: 'http://auth.localhost:8000' }
listeners: { check: { port: 0 }, portal: { port: 0 }, ops: { port: 0 } }
resources: { directory: resources }
store: { type: Memory }
keys: { file: keys.json }
`,
  )
  expect(await run(open)).toMatchObject({ code: 1, output: expect.stringContaining('0600') })
})
