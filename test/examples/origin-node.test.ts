import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOpenIdProvider } from '../../demo/openid-provider.ts'
import { type Browser, newBrowser } from '../../demo/smoke/browser.ts'
import { compose } from '../../src/compose.ts'
import { loadConfig } from '../../src/config/load.ts'
import { audienceOf } from '../../src/resources/applications.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { freePorts, isListening } from '../parts/port.ts'
import { startProcess } from '../parts/process.ts'
import { at, filesBelow, read } from '../repository/tree.ts'

const resources = (issuer: string) => `
apiVersion: access.gatehouse.dev/v1alpha1
kind: IdentityProvider
metadata: { name: company }
spec: { type: OIDC, oidc: { issuer: '${issuer}', clientID: gatehouse } }
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: { name: everybody, namespace: apps }
spec: { action: Allow, include: [{ everyone: {} }] }
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: origin, namespace: apps }
spec: { destinations: [{ host: origin.localhost }], policies: [{ name: everybody }] }
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: other, namespace: apps }
spec: { destinations: [{ host: other.localhost }], policies: [{ name: everybody }] }
`

/** Gatehouse on `http://localhost:<port>`, a name that Node resolves everywhere; browsers reach the portal directly. */
async function startGatehouse(directory: string, port: number, issuer: string) {
  await mkdir(join(directory, 'resources'))
  await writeFile(join(directory, 'resources', 'all.yaml'), resources(issuer))
  const text = `
development: true
auth: { url: 'http://localhost:${port}' }
listeners:
  check: { host: 127.0.0.1, port: 0 }
  portal: { host: 127.0.0.1, port: ${port} }
  ops: { host: 127.0.0.1, port: 0 }
resources: { directory: resources }
store: { type: Memory }
keys: { file: keys.json }
log: { level: error }
shutdown: { notReadyDelay: 0s, timeout: 2s }
`
  await writeFile(join(directory, 'gatehouse.yaml'), text)
  const loaded = await loadConfig({
    file: undefined,
    cwd: directory,
    env: {},
    readFile: (path) => readFile(path, 'utf8'),
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return compose(loaded.config, { version: 'test' })
}

/** What the proxy gets for the app from a check by somebody who is signed in. */
async function assertionFor(browser: Browser, check: string, host: string, port: number): Promise<string> {
  const cookie = [...browser.cookies(host)].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await browser.send(`http://${check}/forward/host`, {
    headers: { cookie, 'x-forwarded-method': 'GET', 'x-forwarded-host': `${host}:${port}`, 'x-forwarded-uri': '/' },
  })
  expect(answer.status).toBe(200)
  return String(answer.headers['gatehouse-jwt-assertion'])
}

describe('the example origin in Node', () => {
  const stack = new AsyncDisposableStack()
  let originUrl: string
  let tokens: { assertion: string; otherAudience: string; appToken: string }

  beforeAll(async () => {
    const { path } = stack.use(await temporaryDirectory('examples'))
    const ports = await freePorts(['portal', 'origin'])
    const auth = `http://localhost:${ports.portal}`
    const provider = stack.use(
      await startOpenIdProvider({
        accounts: [{ sub: 'ada', email: 'ada@example.com', email_verified: true }],
        clients: [{ clientId: 'gatehouse', redirectUris: [`${auth}/callback/company`] }],
        listsAccounts: true,
      }),
    )
    const gatehouse = await startGatehouse(path, ports.portal, provider.issuer)
    stack.defer(() => gatehouse.stop('end of the test'))

    const browser = newBrowser()
    const login = await browser.open(`http://origin.localhost:${ports.portal}/.gatehouse/login?rd=/`)
    await browser.submit(login, 'ada')
    await browser.open(`http://other.localhost:${ports.portal}/.gatehouse/login?rd=/`)
    const { check } = gatehouse.addresses
    tokens = {
      assertion: await assertionFor(browser, check, 'origin.localhost', ports.portal),
      otherAudience: await assertionFor(browser, check, 'other.localhost', ports.portal),
      appToken: [...browser.cookies('origin.localhost').values()].find((value) => value.split('.').length === 3) ?? '',
    }

    const hashHex = (text: string) => createHash('sha256').update(text).digest('hex')
    stack.use(
      await startProcess({
        command: process.execPath,
        args: [at('examples/origin-node/origin.mjs')],
        env: {
          PATH: process.env.PATH,
          GATEHOUSE_URL: auth,
          GATEHOUSE_AUDIENCE: audienceOf('apps', 'origin', { issuer: auth, hashHex }),
          PORT: String(ports.origin),
        },
        isReady: () => isListening(ports.origin),
      }),
    )
    originUrl = `http://127.0.0.1:${ports.origin}/`
  })
  afterAll(() => stack.disposeAsync())

  async function answerTo(assertion: string | undefined): Promise<string> {
    const headers = assertion === undefined ? {} : { 'gatehouse-jwt-assertion': assertion }
    const response = await fetch(originUrl, { headers })
    return `${response.status} ${(await response.text()).trim()}`
  }

  test('greets whom the assertion names', async () => {
    expect(await answerTo(tokens.assertion)).toBe('200 Hello ada@example.com')
  })

  test('turns away whoever brings no assertion', async () => {
    expect(await answerTo(undefined)).toBe('403 Not through Gatehouse')
    expect(await answerTo('')).toBe('403 Not through Gatehouse')
  })

  test('turns away an assertion for another application', async () => {
    expect(tokens.otherAudience).toMatch(/^ey/)
    expect(await answerTo(tokens.otherAudience)).toBe('403 Not through Gatehouse')
  })

  test('turns away the visitor’s own app token, which is signed with the same key', async () => {
    expect(tokens.appToken).toMatch(/^ey/)
    expect(await answerTo(tokens.appToken)).toBe('403 Not through Gatehouse')
  })

  test('turns away an assertion that was tampered with', async () => {
    const [header, claims = '', signature] = tokens.assertion.split('.')
    const forged = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
    const other = Buffer.from(JSON.stringify({ ...forged, email: 'root@example.com' })).toString('base64url')
    expect(await answerTo([header, other, signature].join('.'))).toBe('403 Not through Gatehouse')
  })
})

test('the examples have at most 20 lines each', () => {
  const programs = filesBelow('examples').filter((path) => !path.endsWith('.md'))
  expect(programs.length).toBeGreaterThan(1)
  expect(programs.filter((path) => read(path).trimEnd().split('\n').length > 20)).toEqual([])
})
