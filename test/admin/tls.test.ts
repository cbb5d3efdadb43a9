import { copyFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AdminCredentialsError } from '../../src/admin/tls-files.ts'
import { testCertificate } from '../parts/certificate.ts'
import {
  type ClientName,
  clientAuthorityFile,
  clientCertificate,
  clientCertificateFiles,
} from '../parts/client-certificates.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { until } from '../parts/until.ts'
import { type AdminWorld, startWorld, TOKEN } from './world.ts'

const LIST = '/v1/sessions?all=true'
const serverFiles = { certFile: testCertificate.certFile, keyFile: testCertificate.keyFile }
const mutual = { ...serverFiles, clientCaFile: clientAuthorityFile, allowedNames: [] }

interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of the body
  readonly body: any
}

function call(
  { port }: AdminWorld,
  { client, token }: { readonly client?: ClientName; readonly token?: string } = {},
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const asked = request(
    {
      host: '127.0.0.1',
      port,
      path: LIST,
      agent: false,
      rejectUnauthorized: false,
      ...(client === undefined ? {} : clientCertificate(client)),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    },
    (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }))
    },
  )
  asked.on('error', reject)
  asked.end()
  return promise
}

describe('with an authority of clients and no token', () => {
  let world: AdminWorld
  beforeEach(async () => {
    world = await startWorld({ tokenFile: undefined, tls: mutual })
  })
  afterEach(() => world[Symbol.asyncDispose]())

  test('a certificate that it has signed is let in, by name and fingerprint', async () => {
    expect((await call(world, { client: 'deployer' })).status).toBe(200)
    const [act] = world.seen.lines().filter(({ event }) => event === 'adminActed')
    expect(act?.admin).toMatch(/^deployer \(certificate ([0-9A-F]{2}:){31}[0-9A-F]{2}\)$/)
  })

  test('a certificate without a common name is called by another of its names', async () => {
    expect((await call(world, { client: 'robot' })).status).toBe(200)
    const [act] = world.seen.lines().filter(({ event }) => event === 'adminActed')
    expect(act?.admin).toContain('spiffe://example.com/robot (certificate ')
  })

  test.for([
    [undefined, 'UNABLE_TO_GET_ISSUER_CERT'],
    ['stranger', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['server', 'INVALID_PURPOSE'],
  ] as const)('a caller with the certificate %s is refused, and told why', async ([client, why]) => {
    const { status, body } = await call(world, client === undefined ? {} : { client })
    expect([status, body.reason]).toEqual([401, 'admin-unauthenticated'])
    expect(body.detail).toContain(why)
    expect(world.seen.lines()).toContainEqual(
      expect.objectContaining({ event: 'adminActed', outcome: 'refused', reason: 'admin-unauthenticated' }),
    )
  })

  test('a token in place of a certificate is not enough', async () => {
    expect((await call(world, { token: TOKEN })).status).toBe(401)
  })

  test('TLS before version 1.2, and plain HTTP, are not spoken', async () => {
    const old = connect({
      port: world.port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    const error = await new Promise<Error>((resolve) => old.on('error', resolve))
    expect(error.message).toMatch(/protocol version|unsupported protocol|EPROTO/i)
    await expect(fetch(`http://127.0.0.1:${world.port}${LIST}`)).rejects.toThrow()
  })

  test('a TLS session is not resumed, so that a certificate is shown every time', async () => {
    const options = { port: world.port, host: '127.0.0.1', rejectUnauthorized: false, ...clientCertificate('deployer') }
    const first = connect({ ...options, maxVersion: 'TLSv1.2' })
    await new Promise((resolve) => first.on('secureConnect', resolve))
    const session = first.getSession()
    first.destroy()
    const second = connect({ ...options, maxVersion: 'TLSv1.2', ...(session === undefined ? {} : { session }) })
    await new Promise((resolve) => second.on('secureConnect', resolve))
    expect(second.isSessionReused()).toBe(false)
    second.destroy()
  })
})

describe('with a list of names', () => {
  test.for([
    ['deployer', ['deployer'], 200],
    ['robot', ['spiffe://example.com/robot'], 200],
    ['robot', ['robot.example.com'], 200],
    ['robot', ['deployer', 'robots'], 403],
    ['deployer', ['Deployer'], 403],
    ['stranger', ['deployer'], 401],
  ] as const)('the certificate %s at %j is answered %i', async ([client, allowedNames, expected]) => {
    await using world = await startWorld({ tokenFile: undefined, tls: { ...mutual, allowedNames } })
    const { status, body } = await call(world, { client })
    expect(status).toBe(expected)
    if (expected === 403) expect(body.reason).toBe('admin-not-allowed')
  })
})

test('with an authority and a token, both are needed', async () => {
  await using world = await startWorld({ tls: mutual })
  expect((await call(world, { client: 'deployer', token: TOKEN })).status).toBe(200)
  expect((await call(world, { client: 'deployer' })).status).toBe(401)
  expect((await call(world, { token: TOKEN })).status).toBe(401)
})

test('with a token and no authority, the way is encrypted and no certificate is asked for', async () => {
  await using world = await startWorld({ tls: { ...serverFiles, allowedNames: [] } })
  expect((await call(world, { token: TOKEN })).status).toBe(200)
  expect((await call(world, { client: 'deployer' })).status).toBe(401)
})

describe('certificates that change', () => {
  test('count for new connections; those that are broken are reported and leave the others in use', async () => {
    await using directory = await temporaryDirectory('admin-tls')
    const at = (name: string) => join(directory.path, name)
    const install = async (files: { certFile: string; keyFile: string }, authority: string) => {
      await copyFile(files.certFile, at('cert'))
      await copyFile(files.keyFile, at('key'))
      await copyFile(authority, at('ca'))
    }
    await install(serverFiles, clientAuthorityFile)
    const tls = { certFile: at('cert'), keyFile: at('key'), clientCaFile: at('ca'), allowedNames: [] }
    await using world = await startWorld({ tokenFile: undefined, tls, lookAtCertificatesMs: 10 })
    expect((await call(world, { client: 'deployer' })).status).toBe(200)
    const troubles = () => world.seen.lines().filter(({ event }) => event === 'adminCredentialsTrouble')

    await copyFile(clientCertificateFiles('robot').certFile, at('cert'))
    await until('the key that is not the certificate’s is reported', () => troubles().length > 0)
    expect((await call(world, { client: 'deployer' })).status).toBe(200)

    await install(serverFiles, '/dev/null')
    await until('the empty file is reported', () => troubles().at(-1)?.problem?.toString().includes('/ca has to hold'))
    expect((await call(world, { client: 'deployer' })).status).toBe(200)
    expect((await call(world, { client: 'stranger' })).status).toBe(401)

    await install(serverFiles, clientCertificateFiles('stranger').certFile)
    await until('the authority is another', async () => (await call(world, { client: 'deployer' })).status === 401, {
      timeoutMs: 5_000,
    })
    expect(troubles().at(-1)?.level).toBe('info')
  })
})

describe('a listener does not start', () => {
  test.for([
    ['without any credential', { tokenFile: undefined }],
    ['without any credential but TLS', { tokenFile: undefined, tls: { ...serverFiles, allowedNames: [] } }],
    ['with a token file that is not there', { tokenFile: '/nonexistent/token' }],
    ['with a token file that holds none', { tokenFile: clientAuthorityFile }],
    ['with a certificate that is not there', { tls: { ...mutual, certFile: '/nonexistent/cert' } }],
    ['with a certificate that is none', { tls: { ...mutual, certFile: serverFiles.keyFile } }],
    ['with an authority file that is empty', { tokenFile: undefined, tls: { ...mutual, clientCaFile: '/dev/null' } }],
    ['with another certificate’s key', { tls: { ...mutual, keyFile: clientCertificateFiles('robot').keyFile } }],
  ] as const)('%s', async ([, settings]) => {
    await expect(startWorld(settings)).rejects.toThrow(AdminCredentialsError)
  })
})
