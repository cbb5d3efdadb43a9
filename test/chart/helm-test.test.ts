import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { temporaryDirectory } from '../parts/directory.ts'
import { needs } from '../parts/needs.ts'
import { freePorts } from '../parts/port.ts'
import { type RunningProcess, startProcess } from '../parts/process.ts'
import { minimal, objectOf, render } from './helm.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

interface TestPod {
  readonly containers: readonly [
    { readonly command: readonly string[]; readonly env: readonly { readonly name: string; readonly value: string }[] },
  ]
}

/** Runs the command of the pod of `helm test`, with the Services elsewhere. */
async function runTest(addresses: Readonly<Record<'CHECK_URL' | 'PORTAL_URL', string>>) {
  const pod = objectOf(
    await render('helm', [], { ...minimal, authUrl: 'https://auth.example.com' }),
    'Pod',
    'gatehouse-test',
  )
  const [{ command, env }] = (pod.spec as TestPod).containers
  const given = Object.fromEntries(env.map(({ name, value }) => [name, value]))
  expect(Object.keys(given)).toEqual(expect.arrayContaining(Object.keys(addresses)))
  return new Promise<{ code: number; output: string }>((resolve) => {
    const options = { env: { ...given, ...addresses, PAUSE_MS: '10' }, timeout: 15_000 }
    execFile(process.execPath, command.slice(1), options, (error, output, said) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${output}${said}` }),
    )
  })
}

needs('helm', 'the test of a release', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let gatehouse: RunningProcess
  let ports: Awaited<ReturnType<typeof freePorts<'check' | 'portal' | 'ops'>>>
  const at = (port: number) => `http://127.0.0.1:${port}`

  beforeAll(async () => {
    directory = await temporaryDirectory('helm-test')
    ports = await freePorts(['check', 'portal', 'ops'])
    const config = join(directory.path, 'gatehouse.yaml')
    await mkdir(join(directory.path, 'resources'))
    const listener = (port: number) => ({ host: '127.0.0.1', port })
    await writeFile(
      config,
      stringify({
        auth: { url: 'https://auth.example.com' },
        listeners: { check: listener(ports.check), portal: listener(ports.portal), ops: listener(ports.ops) },
        resources: { directory: 'resources' },
        store: { type: 'Memory' },
        keys: { file: 'keys.json' },
      }),
    )
    gatehouse = await startProcess({
      command: process.execPath,
      args: [MAIN, '--config', config],
      env: { PATH: process.env.PATH },
      isReady: async () => (await fetch(`${at(ports.ops)}/readyz`)).ok,
    })
  })

  afterAll(async () => {
    await gatehouse?.stop()
    await directory?.[Symbol.asyncDispose]()
  })

  test('succeeds where checks are refused and keys are shown', async () => {
    const { code, output } = await runTest({ CHECK_URL: at(ports.check), PORTAL_URL: at(ports.portal) })
    expect(output).toMatch(/check: 403 [a-z-]+, as it has to be\nportal: \d+ public key\(s\)/)
    expect(code).toBe(0)
  })

  test('fails where a check of an unknown application is let through', async () => {
    const open = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
    await once(open, 'listening')
    const address = open.address()
    if (address === null || typeof address === 'string') throw new Error('it has no port')
    const { code, output } = await runTest({ CHECK_URL: at(address.port), PORTAL_URL: at(ports.portal) })
    open.close()
    expect(output).toContain('is answered 200')
    expect(code).toBe(1)
  })

  test('fails where the portal is not reached', async () => {
    const { code, output } = await runTest({ CHECK_URL: at(ports.check), PORTAL_URL: at(1) })
    expect(output).toContain('ECONNREFUSED')
    expect(code).toBe(1)
  })
})
