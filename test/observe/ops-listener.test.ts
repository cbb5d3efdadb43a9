import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type OpsListener, type Readiness, startOpsListener } from '../../src/observe/ops-listener.ts'
import { observed } from './observed.ts'

const open: OpsListener[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()))
})

async function start(readiness: () => Readiness = () => ({ isReady: true, reasons: [] })) {
  const seen = observed()
  const listener = await startOpsListener({
    host: '127.0.0.1',
    port: 0,
    readiness,
    metrics: seen.metrics,
    events: seen.events,
  })
  open.push(listener)
  const get = (path: string, method = 'GET') => fetch(`http://${listener.address}${path}`, { method })
  return { seen, listener, get }
}

test('says where it listens', async () => {
  const { listener } = await start()
  expect(listener.address).toMatch(/^127\.0\.0\.1:\d+$/)
})

test('is alive while it is not ready', async () => {
  const { get } = await start(() => ({ isReady: false, reasons: ['resources are not loaded'] }))
  expect((await get('/livez')).status).toBe(200)
})

test('is ready or says why not', async () => {
  let readiness: Readiness = { isReady: false, reasons: ['resources are not loaded', 'stopping'] }
  const { get } = await start(() => readiness)
  const refused = await get('/readyz')
  expect([refused.status, await refused.text()]).toEqual([503, 'not ready\nresources are not loaded\nstopping\n'])
  readiness = { isReady: true, reasons: [] }
  const ready = await get('/readyz?verbose')
  expect([ready.status, await ready.text()]).toEqual([200, 'ready\n'])
})

test('shows the metrics as Prometheus reads them', async () => {
  const { get, seen } = await start()
  seen.events.loggedOut({ subject: undefined, sid: undefined, scope: 'user', sessions: 1 })
  const response = await get('/metrics')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.text()).toContain('gatehouse_logouts_total{scope="user"} 1\n')
})

describe('answers', () => {
  for (const [method, path, status] of [
    ['GET', '/', 404],
    ['GET', '/livez/', 404],
    ['GET', '/constructor', 404],
    ['POST', '/nowhere', 404],
    ['POST', '/livez', 405],
    ['DELETE', '/metrics', 405],
    ['HEAD', '/livez', 200],
    ['HEAD', '/metrics', 200],
  ] as const) {
    test(`${status} to ${method} ${path}`, async () => {
      const { get } = await start()
      const response = await get(path, method)
      expect(response.status).toBe(status)
      if (method === 'HEAD') expect(await response.text()).toBe('')
      if (status === 405) expect(response.headers.get('allow')).toBe('GET, HEAD')
    })
  }
})

test('answers 500 and reports it when readiness fails', async () => {
  const { get, seen } = await start(() => {
    throw new Error('broken')
  })
  const response = await get('/readyz')
  expect([response.status, await response.text()]).toEqual([500, 'internal error\n'])
  expect(await seen.samples()).toContain('gatehouse_internal_errors_total{where="ops"} 1')
})

test('closes at once, with a connection open that says nothing', async () => {
  const { listener } = await start()
  const [host = '', port = ''] = listener.address.split(':')
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  socket.write('GET /livez HTTP/1.1\r\n')
  await fetch(`http://${listener.address}/livez`)
  const closed = once(socket, 'close')
  await open.pop()?.close()
  await closed
})

test('rejects when the port is taken', async () => {
  const { listener, seen } = await start()
  const port = Number(listener.address.split(':')[1])
  const again = startOpsListener({
    host: '127.0.0.1',
    port,
    readiness: () => ({ isReady: true, reasons: [] }),
    metrics: seen.metrics,
    events: seen.events,
  })
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
