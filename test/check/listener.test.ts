import { afterEach, describe, expect, test } from 'vitest'
import { type Check, createCheck } from '../../src/check/check.ts'
import { checkServer } from '../../src/check/listener.ts'
import { proxyHeaders } from './calls.ts'
import { requestText, startWire, type Wire } from './wire.ts'
import { createWorld } from './world.ts'

describe('the server for checks', () => {
  const world = createWorld()
  const server = checkServer(world.check, world.seen.events)

  test('keeps idle connections longer than proxies do, and waits for a slow request no longer than 20 seconds', () => {
    expect(server.keepAliveTimeout).toBeGreaterThan(600_000)
    expect([server.headersTimeout, server.requestTimeout]).toEqual([20_000, 20_000])
  })

  test('has no listener that would take a connection over, and drops no header unread', () => {
    expect(server.listenerCount('upgrade')).toBe(0)
    expect(server.listenerCount('connect')).toBe(0)
    expect(server.maxHeadersCount).toBe(0)
  })

  test('reads HTTP strictly, whatever the process was told', () => {
    expect(process.execArgv.join(' ') + (process.env.NODE_OPTIONS ?? '')).not.toContain('insecure-http-parser')
  })
})

test('an answer that cannot be written ends its connection and nothing else, and is reported', async () => {
  const { check, seen } = createWorld()
  const wire = await startWire({
    seen,
    check: (question) =>
      question.url === '/broken' ? { status: 200, headers: ['X-Broken', 'line\r\nfeed'], body: '' } : check(question),
  })
  expect(await wire.exchange(requestText('/broken', []))).toEqual([])
  const [answer] = await wire.exchange(
    requestText('/forward/host', proxyHeaders('forward', { host: 'open.example.com' })),
  )
  expect(answer?.status).toBe(200)
  expect(seen.lines().filter(({ event }) => event === 'internalError')).toMatchObject([{ where: 'check' }])
  await wire.close()
})

describe('an answer that comes later', () => {
  let wire: Wire
  afterEach(() => wire.close())

  test('reaches the one who asked, although others were answered before', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const world = createWorld()
    const slow: Check = async (question) => {
      if (question.rawHeaders.includes('open.example.com')) await promise
      return world.check(question)
    }
    wire = await startWire({ check: slow })
    const about = (host: string) => requestText('/forward/host', proxyHeaders('forward', { host }))
    const waiting = wire.exchange(about('open.example.com'))
    const others = await Promise.all(Array.from({ length: 5 }, () => wire.exchange(about('unknown.example.com'))))
    expect(others.flat().map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
    resolve()
    expect((await waiting).map(({ status }) => status)).toEqual([200])
  })

  test('to a client that has gone does no harm', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const world = createWorld()
    let asked = 0
    wire = await startWire({
      check: async (question) => {
        asked += 1
        if (asked === 1) await promise
        return world.check(question)
      },
    })
    const { connect } = await import('node:net')
    const text = requestText('/forward/host', proxyHeaders('forward', { host: 'open.example.com' }))
    const socket = connect(wire.port, '127.0.0.1')
    socket.write(text)
    await expect.poll(() => asked).toBe(1)
    socket.destroy()
    resolve()
    expect((await wire.exchange(text)).map(({ status }) => status)).toEqual([200])
  })
})

test('a check whose every part fails is still answered over the wire', async () => {
  const failing = () => {
    throw new Error('canary')
  }
  const { ports } = createWorld()
  const events = { ...ports.events, decided: failing, internalError: failing }
  const wire = await startWire({ check: createCheck({ ...ports, events, render: failing, policySet: failing }) })
  try {
    for (const host of ['open.example.com', 'x y']) {
      const [answer] = await wire.exchange(requestText('/forward/host', proxyHeaders('forward', { host })))
      expect([answer?.status, answer?.header('cache-control'), answer?.body]).toEqual([503, 'no-store', ''])
    }
  } finally {
    await wire.close()
  }
})
