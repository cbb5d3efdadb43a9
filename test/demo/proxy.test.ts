import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startProxy } from '../../demo/proxy.ts'
import { freePort } from '../parts/port.ts'

const HOST = 'app.localhost:8000'

describe('the demo’s proxy', () => {
  const stack = new AsyncDisposableStack()
  const seen: {
    check: IncomingMessage[]
    app: { request: IncomingMessage; body: string }[]
    portal: IncomingMessage[]
  } = { check: [], app: [], portal: [] }
  const routes = { authHost: 'auth.localhost', portal: 0, check: 0, apps: new Map<string, number>() }
  let check: RequestListener
  let checkPort: number
  let proxyPort: number

  beforeAll(async () => {
    checkPort = await listen((asked, response) => {
      seen.check.push(asked)
      check(asked, response)
    })
    const app = await listen(async (asked, response) => {
      seen.app.push({ request: asked, body: await text(asked) })
      response.writeHead(201, [...['Set-Cookie', 'a=1'], ...['Set-Cookie', 'b=2']])
      response.write('first ')
      response.end('second')
    })
    routes.apps.set('app.localhost', app)
    routes.portal = await listen((asked, response) => {
      seen.portal.push(asked)
      response.end('portal')
    })
    const proxy = await startProxy(0, () => routes)
    stack.defer(proxy.close)
    proxyPort = proxy.port
  })
  afterAll(() => stack.disposeAsync())
  beforeEach(() => {
    for (const list of Object.values(seen)) list.length = 0
    routes.check = checkPort
    check = (_, response) => response.writeHead(200, { 'X-Auth-Request-User': 'ada', Cookie: 'own=1' }).end()
  })

  async function listen(listener: RequestListener): Promise<number> {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    stack.defer(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    })
    return (server.address() as AddressInfo).port
  }

  async function ask(path: string, headers: Record<string, string | string[]> = {}, method = 'GET', body?: string) {
    const sent = request({ host: '127.0.0.1', port: proxyPort, path, method, headers: { host: HOST, ...headers } })
    sent.end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    return { status: response.statusCode, headers: response.headers, body: await text(response) }
  }

  test('asks with the words of Traefik, whatever the client said under these names', async () => {
    await ask(
      '/a/../b?x=%2F',
      {
        'X-Forwarded-Host': 'other.localhost',
        X_Forwarded_Uri: '/open',
        'X-Forwarded-Method': 'OPTIONS',
        'X-Forwarded-For': '1.2.3.4',
        'X-Forwarded-Prefix': '/x',
        'X-Real-Ip': '1.2.3.4',
        Connection: 'X-Forwarded-Uri, X-Mine, close',
        'X-Mine': '1',
      },
      'DELETE',
    )
    const [{ method, url, headersDistinct } = {} as IncomingMessage] = seen.check
    expect({ method, url }).toEqual({ method: 'GET', url: '/forward/host' })
    expect(headersDistinct).toMatchObject({
      'x-forwarded-method': ['DELETE'],
      'x-forwarded-host': [HOST],
      'x-forwarded-uri': ['/a/../b?x=%2F'],
      'x-forwarded-for': ['127.0.0.1'],
      'x-forwarded-proto': ['http'],
      'x-forwarded-port': [String(proxyPort)],
    })
    for (const name of ['x_forwarded_uri', 'x-forwarded-prefix', 'x-real-ip', 'x-mine']) {
      expect(headersDistinct).not.toHaveProperty(name)
    }
  })

  test('hands the app the identity of the answer and none of the client’s own', async () => {
    await ask('/', { 'X-Auth-Request-User': 'root', 'X-Auth-Request-Groups': 'admins', Cookie: 'own=1; token=2' })
    const { headersDistinct } = seen.app[0]?.request ?? ({} as IncomingMessage)
    expect(headersDistinct).toMatchObject({ 'x-auth-request-user': ['ada'], cookie: ['own=1'], host: [HOST] })
    expect(headersDistinct).not.toHaveProperty('x-auth-request-groups')
  })

  test('passes bodies on in both directions, and every cookie of the app', async () => {
    const answer = await ask('/form', { 'Transfer-Encoding': 'chunked', Connection: 'content-length' }, 'GET', 'a body')
    expect(seen.check[0]?.headers).not.toHaveProperty('transfer-encoding')
    expect(seen.app[0]).toMatchObject({ body: 'a body' })
    expect(answer).toMatchObject({ status: 201, body: 'first second', headers: { 'set-cookie': ['a=1', 'b=2'] } })
  })

  test('relays any other answer whole and keeps the app out of it', async () => {
    check = (_, response) =>
      response.writeHead(302, { Location: 'http://auth.localhost/', 'Set-Cookie': 'c=3' }).end('!')
    const answer = await ask('/')
    expect(answer).toMatchObject({ status: 302, body: '!', headers: { 'set-cookie': ['c=3'] } })
    expect(answer.headers.location).toBe('http://auth.localhost/')
    expect(seen.app).toEqual([])
  })

  test('keeps the app shut when the check cannot be reached or is cut off', async () => {
    routes.check = await freePort()
    expect((await ask('/')).status).toBe(500)
    routes.check = checkPort
    check = (_, response) => response.destroy()
    expect((await ask('/')).status).toBe(500)
    expect(seen.app).toEqual([])
  })

  test('sends the auth host and /.gatehouse/ of an app to the portal, unasked', async () => {
    await ask('/login', { host: 'auth.localhost' })
    await ask('/.gatehouse/login')
    expect(seen.portal.map(({ url }) => url)).toEqual(['/login', '/.gatehouse/login'])
    expect(seen.check).toEqual([])
  })

  test.for([
    { title: 'a host that nobody has', headers: { host: 'nobody.localhost' }, path: '/', status: 404 },
    { title: 'an address with a host of its own', headers: {}, path: 'http://app.localhost/', status: 400 },
  ])('refuses $title', async ({ headers, path, status }) => {
    expect((await ask(path, headers)).status).toBe(status)
    expect(seen.check).toEqual([])
  })
})
