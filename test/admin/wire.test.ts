import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exchange, statusesIn } from './exchange.ts'
import { type AdminWorld, startWorld, TOKEN } from './world.ts'

let world: AdminWorld
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const LIST = '/v1/sessions?all=true'

/** A request as text, closed after it unless the headers say otherwise. */
function requestText(line: string, headers: readonly string[], body = ''): string {
  const all = ['Host: gatehouse', ...headers, 'Connection: close']
  return `${line} HTTP/1.1\r\n${all.map((header) => `${header}\r\n`).join('')}\r\n${body}`
}

describe('credentials on the wire', () => {
  test.for([
    ['none', [], 401],
    ['the right token', [`Authorization: Bearer ${TOKEN}`], 200],
    ['the right token, the scheme in lower case', [`authorization: bearer ${TOKEN}`], 200],
    ['the right token twice', [`Authorization: Bearer ${TOKEN}`, `Authorization: Bearer ${TOKEN}`], 401],
    ['the right token behind a wrong one', ['Authorization: Bearer x', `Authorization: Bearer ${TOKEN}`], 401],
    ['a wrong token', [`Authorization: Bearer ${TOKEN.slice(0, -1)}b`], 401],
    ['a part of the token', [`Authorization: Bearer ${TOKEN.slice(0, -1)}`], 401],
    ['the token in another case', [`Authorization: Bearer ${TOKEN.toLowerCase()}`], 401],
    ['two tokens in one header', [`Authorization: Bearer ${TOKEN}, Bearer ${TOKEN}`], 401],
    ['no scheme', [`Authorization: ${TOKEN}`], 401],
    ['another scheme', [`Authorization: Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`], 401],
    ['an empty token', ['Authorization: Bearer '], 401],
    ['the token in another header', [`X-Authorization: Bearer ${TOKEN}`], 401],
    ['the token in a cookie', [`Cookie: token=${TOKEN}`], 401],
    ['bytes beyond ASCII', ['Authorization: Bearer \xff\xfe'], 401],
  ] as const)('%s: %j is answered %i', async ([, headers, expected]) => {
    const received = await exchange(world.port, requestText(`GET ${LIST}`, headers))
    expect(statusesIn(received)).toEqual([expected])
    if (expected !== 401) return
    expect(received.toLowerCase()).toContain('www-authenticate: bearer\r\n')
    expect(received).toContain('"reason":"admin-unauthenticated"')
    expect(world.seen.lines()).toContainEqual(
      expect.objectContaining({ event: 'adminActed', reason: 'admin-unauthenticated', status: 401 }),
    )
  })

  test.for([
    ['missing', [], 'A bearer token is needed: `Authorization: Bearer …`.'],
    ['of another scheme', ['Authorization: Basic eDp5'], 'A bearer token is needed: `Authorization: Bearer …`.'],
    ['wrong', ['Authorization: Bearer x'], 'The bearer token is not the right one.'],
    [
      'twice',
      ['Authorization: Bearer x', 'Authorization: Bearer y'],
      '`Authorization` may stand in the request only once.',
    ],
  ] as const)('that are %s are told so', async ([, headers, detail]) => {
    const received = await exchange(world.port, requestText(`GET ${LIST}`, headers))
    const body = Buffer.from(received.split('\r\n\r\n')[1] ?? '', 'latin1').toString('utf8')
    expect(JSON.parse(body)).toMatchObject({ status: 401, detail })
  })

  test('that are missing tell nothing of what there is', async () => {
    for (const line of ['GET /', 'DELETE /v1/sessions', 'GET /v1/sessions?colour=red']) {
      expect(statusesIn(await exchange(world.port, requestText(line, [])))).toEqual([401])
    }
  })

  test('that are missing leave a body unread, however large it is said to be', async () => {
    const head = `POST /v1/revocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{`
    const received = await exchange(world.port, head, (text) => text.includes('}'))
    expect(statusesIn(received)).toEqual([401])
  })
})

describe('a token', () => {
  const call = (token: string) => world.call(LIST, { headers: { authorization: `Bearer ${token}` } })

  test('that is replaced in its file counts from the next call on, and the one before no longer', async () => {
    const next = TOKEN.split('').reverse().join('')
    expect((await call(next)).status).toBe(401)
    await world.writeToken(next)
    expect((await call(next)).status).toBe(200)
    expect((await call(TOKEN)).status).toBe(401)
  })

  test.for([
    ['is empty', ''],
    ['is too short', TOKEN.slice(0, 31)],
    ['is a placeholder', 'changeme-changeme-changeme-changeme'],
    ['is one character again and again', 'ab'.repeat(20)],
    ['has two lines', `${TOKEN}\n${TOKEN}\n`],
  ])('whose file %s shuts the listener until it is mended, and that is reported once', async ([, text = '']) => {
    await world.writeToken(text)
    for (let count = 0; count < 2; count++) {
      const { status, body, headers } = await call(text.trim() === '' ? 'x' : (text.split('\n')[0] ?? ''))
      expect([status, body.reason, headers.get('retry-after')]).toEqual([503, 'admin-token-unusable', '10'])
    }
    await world.writeToken(TOKEN)
    expect((await call(TOKEN)).status).toBe(200)
    const troubles = world.seen.lines().filter(({ event }) => event === 'adminCredentialsTrouble')
    expect(troubles.map(({ level }) => level)).toEqual(['error', 'info'])
  })

  test('that is wrong ten times makes its address wait, and the right one gets through all the same', async () => {
    for (let count = 0; count < 10; count++) expect((await call('x')).status).toBe(401)
    const { status, body, headers } = await call('x')
    expect([status, body.reason, headers.get('retry-after')]).toEqual([429, 'admin-too-many-failures', '6'])
    expect(world.seen.lines().filter(({ event }) => event === 'adminActed')).toHaveLength(10)
    expect((await call(TOKEN)).status).toBe(200)
    world.clock.advance(6_000)
    expect((await call('x')).status).toBe(401)
  })

  test('whose file everybody on the machine can read shuts the listener', async () => {
    await chmod(world.tokenFile, 0o604)
    expect(await call(TOKEN)).toMatchObject({ status: 503, body: { reason: 'admin-token-unusable' } })
    const troubles = world.seen.lines().filter(({ event }) => event === 'adminCredentialsTrouble')
    expect(troubles).toMatchObject([
      { problem: expect.stringContaining('can be read by everybody; set its mode to 0600') },
    ])
    await chmod(world.tokenFile, 0o640)
    expect((await call(TOKEN)).status).toBe(200)
  })

  test('that Kubernetes mounts for everybody of the container is taken', async () => {
    const folder = dirname(world.tokenFile)
    await rm(world.tokenFile)
    await mkdir(join(folder, '..2026'))
    await writeFile(join(folder, '..2026', 'token'), TOKEN)
    await symlink('..2026', join(folder, '..data'))
    await symlink(join('..data', 'token'), world.tokenFile)
    expect((await call(TOKEN)).status).toBe(200)
  })
})

describe('a page in a browser', () => {
  test.for([{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'none' }])(
    'is refused whatever it sends: %j',
    async (headers) => {
      const reply = await world.call(LIST, { headers: headers as Record<string, string> })
      expect([reply.status, reply.body.reason]).toEqual([403, 'admin-browser'])
      expect(reply.headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  test('neither fills the log nor makes the people wait whose browser it is in', async () => {
    for (let count = 0; count < 30; count++) await world.call(LIST, { headers: { origin: 'https://evil.example' } })
    expect(world.seen.lines().filter(({ event }) => event === 'adminActed')).toHaveLength(10)
    expect((await world.call(LIST)).status).toBe(200)
  })
})

describe('what is no sound request', () => {
  test.for([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['a head that is too large', requestText(`GET ${LIST}`, [`X-Large: ${'x'.repeat(20_000)}`]), 431],
    ['two lengths', requestText('POST /v1/revocations', ['Content-Length: 1', 'Content-Length: 2'], '{}'), 400],
    [
      'a length and chunks',
      requestText('POST /v1/revocations', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
      400,
    ],
    ['no host', 'GET /v1/sessions HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ] as const)('%s is answered by a problem', async ([title, sent, expected]) => {
    const received = await exchange(world.port, sent)
    expect(statusesIn(received)).toEqual([expected])
    if (title === 'no host') return
    expect(received.toLowerCase()).toContain('content-type: application/problem+json')
    expect(received).toContain('"reason":"admin-malformed"')
  })

  test('a body that is too large in chunks is answered 413 before it ends', async () => {
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`
    const head = `POST /v1/revocations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    const received = await exchange(world.port, head + chunk.repeat(5), (text) => text.includes('}'))
    expect(statusesIn(received)).toEqual([413])
    expect(world.revoked).toEqual([])
  })

  test('a body that breaks off changes nothing', async () => {
    const head = `POST /v1/revocations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"scope":`
    const { connect } = await import('node:net')
    const socket = connect(world.port, '127.0.0.1')
    socket.end(head)
    await new Promise((resolve) => socket.on('close', resolve).resume())
    expect(world.revoked).toEqual([])
    expect((await world.call(LIST)).status).toBe(200)
  })

  test('a body that is compressed is not read', async () => {
    const reply = await world.call('/v1/revocations', {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: '{}',
    })
    expect(reply.status).toBe(415)
  })

  test('a body that is not UTF-8 is refused', async () => {
    const body = '{"scope":{"type":"Subject","subject":"a"},"reason":"\xff"}'
    const headers = [
      `Authorization: Bearer ${TOKEN}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]
    expect(await exchange(world.port, requestText('POST /v1/revocations', headers, body))).toContain('admin-malformed')
  })

  test.for(['HEAD', 'TRACE', 'CONNECT'])('%s is answered without anything of ours', async (method) => {
    const target = method === 'CONNECT' ? 'example.com:443' : LIST
    const received = await exchange(world.port, requestText(`${method} ${target}`, [`Authorization: Bearer ${TOKEN}`]))
    expect(received).not.toContain('"sessions"')
    expect(statusesIn(received)).not.toContain(200)
  })
})

test('the host that a caller names makes no difference', async () => {
  const received = await exchange(
    world.port,
    `GET ${LIST} HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`,
  )
  expect(statusesIn(received)).toEqual([200])
})

test('closing lets a call under way finish, and takes no new one', async () => {
  const started = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const slow = await startWorld(
    {},
    {
      sessions: {
        async list() {
          started.resolve()
          await go.promise
          return { sessions: [] }
        },
        find: async () => undefined,
        remove: async () => false,
      },
    },
  )
  const waiting = slow.call(LIST, { headers: { connection: 'close' } })
  await started.promise
  const closing = slow[Symbol.asyncDispose]()
  await expect(slow.call(LIST)).rejects.toThrow()
  go.resolve()
  expect((await waiting).status).toBe(200)
  await closing
})
