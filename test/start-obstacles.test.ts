import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testCertificate } from './parts/certificate.ts'
import { clientCertificateFiles } from './parts/client-certificates.ts'
import { temporaryDirectory } from './parts/directory.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
beforeEach(async () => {
  directory = await temporaryDirectory('obstacles')
})
afterEach(() => directory[Symbol.asyncDispose]())

const { certFile } = testCertificate
const { keyFile: keyOfAnother } = clientCertificateFiles('deployer')
const GOOD_TOKEN = 'u7Qm2xWq9LrT4vZk8NcB1sHy6DfJ3gPa'

/** A line, unless there is one for the same setting. */
const unless = (lines: readonly string[], line: string) =>
  lines.some((other) => other.startsWith(`${line.split(':')[0]}:`)) ? [] : [line]

/** Writes the configuration and runs the real program in its folder. */
async function run(
  lines: readonly string[],
  words: readonly string[],
): Promise<{ code: unknown; out: string; err: string }> {
  const config = [
    'development: true',
    "auth: { url: 'http://auth.localhost:8000' }",
    ...unless(lines, 'listeners: { check: { port: 0 }, portal: { port: 0 }, ops: { port: 0 } }'),
    ...unless(lines, 'resources: { directory: resources }'),
    'store: { type: Memory }',
    ...unless(lines, 'keys: { file: keys.json }'),
    ...lines,
  ]
  await mkdir(join(directory.path, 'resources'), { recursive: true })
  await writeFile(join(directory.path, 'gatehouse.yaml'), `${config.join('\n')}\n`)
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; out: string; err: string }>()
  const options = { cwd: directory.path, env: { PATH: process.env.PATH }, timeout: 20_000 }
  execFile(process.execPath, [MAIN, ...words], options, (error, out, err) =>
    resolve({ code: error?.code ?? 0, out, err }),
  )
  return promise
}

const tokenFile = async (text: string, mode = 0o600) => {
  await writeFile(join(directory.path, 'token'), text, { mode })
  return ['admin: { port: 0, tokenFile: token }']
}

test.for<[string, () => Promise<string[]>, string]>([
  [
    'a token file that is not there',
    async () => ['admin: { port: 0, tokenFile: token }'],
    'token cannot be read (ENOENT)',
  ],
  ['an empty token file', () => tokenFile(''), 'has to hold a token of 32 to 1000'],
  ['a token that is too short', () => tokenFile('short\n'), 'has to hold a token of 32 to 1000'],
  [
    'a token that everybody can read',
    () => tokenFile(GOOD_TOKEN, 0o644),
    'can be read by everybody; set its mode to 0600',
  ],
  [
    'a certificate that is not there',
    async () => [
      ...(await tokenFile(GOOD_TOKEN)).slice(1),
      `admin: { port: 0, tokenFile: token, tls: { certFile: none, keyFile: none } }`,
    ],
    'none cannot be read',
  ],
  [
    'a key that is not the certificate’s',
    async () => [
      ...(await tokenFile(GOOD_TOKEN)).slice(1),
      `admin: { port: 0, tokenFile: token, tls: { certFile: '${certFile}', keyFile: '${keyOfAnother}' } }`,
    ],
    'has to hold the private key of',
  ],
  [
    'an audit file in a folder that is not there',
    async () => ['audit: { output: File, file: none/audit.jsonl }'],
    'audit.file: ENOENT',
  ],
  [
    'a key file that cannot be made, in a folder that is not there',
    async () => ['keys: { file: none/keys.json }'],
    'keys.file: ENOENT',
  ],
  [
    'a key file that is not there and may not be made',
    async () => ['keys: { file: keys.json, create: false }'],
    'keys.create',
  ],
])('config check exits 1 for %s, and says what the start says', async ([, lines, said]) => {
  const config = await lines()
  const checked = await run(config, ['config', 'check'])
  expect(checked).toEqual({ code: 1, out: '', err: expect.stringContaining(said) })
  expect(checked.err).toMatch(/^gatehouse cannot start: .+\n$/)
  const started = await run(config, ['start'])
  expect([started.code, started.err]).toEqual([1, expect.stringContaining(said)])
})

test('config check makes and changes nothing, and exits 0 if all is well', async () => {
  const lines = [...(await tokenFile(GOOD_TOKEN)), 'audit: { output: File, file: audit.jsonl }']
  expect(await run(lines, ['config', 'check'])).toEqual({ code: 0, out: 'configuration is valid\n', err: '' })
  expect((await readdir(directory.path)).sort()).toEqual(['gatehouse.yaml', 'resources', 'token'])
})

test.for([
  ['is not there', 'none', 'ENOENT'],
  ['is a file', 'gatehouse.yaml', 'ENOTDIR'],
] as const)('config check exits 1 if the directory of resources %s', async ([, name, code]) => {
  const { code: exit, out, err } = await run([`resources: { directory: ${name} }`], ['config', 'check'])
  expect([exit, out]).toEqual([1, ''])
  expect(err).toMatch(new RegExp(`^gatehouse would answer 503: resources.directory: ${code}: .+\n$`))
})

test.for(['listeners.check', 'listeners.portal', 'listeners.ops', 'admin'])(
  'the start names %s.port if the port is taken',
  async (taken) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const place = (name: string) => `host: 127.0.0.1, port: ${name === taken ? port : 0}`
    const listeners = ['check', 'portal', 'ops'].map((name) => `${name}: { ${place(`listeners.${name}`)} }`)
    await writeFile(join(directory.path, 'token'), GOOD_TOKEN, { mode: 0o600 })
    const lines = [`listeners: { ${listeners.join(', ')} }`, `admin: { ${place('admin')}, tokenFile: token }`]
    const { code, err } = await run(lines, ['start'])
    other.close()
    expect([code, err]).toEqual([1, expect.stringMatching(`cannot start: ${taken}.port: listen EADDRINUSE`)])
  },
)

test('the start names the host of a listener that this machine does not have', async () => {
  const lines = ['listeners: { check: { port: 0 }, portal: { port: 0 }, ops: { host: 192.0.2.1, port: 0 } }']
  const { code, err } = await run(lines, ['start'])
  expect([code, err]).toEqual([1, expect.stringContaining('cannot start: listeners.ops.host: listen EADDRNOTAVAIL')])
})
