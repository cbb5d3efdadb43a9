import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { until } from './until.ts'

describe('a TCP proxy', () => {
  const stack = new AsyncDisposableStack()
  let proxy: TcpProxy
  const received: string[] = []

  beforeAll(async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        received.push(bytes.toString())
        socket.write(`heard ${bytes}`)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    stack.defer(() => void server.close())
    proxy = stack.use(await startTcpProxy({ port: (server.address() as AddressInfo).port }))
  })
  afterAll(() => stack.disposeAsync())
  afterEach(() => {
    proxy.restore()
    received.length = 0
  })

  test('carries both directions, and knows the address of a client', async () => {
    using client = open('127.0.0.9')
    client.socket.write('hello')
    await until('it is answered', () => client.text === 'heard hello')
    expect(proxy.clients()).toContain('127.0.0.9')
  })

  test('that cuts resets connections under way and new ones, for the clients meant only', async () => {
    using isolated = open('127.0.0.9')
    using other = open('127.0.0.8')
    await until('both are connected', () => proxy.clients().length >= 2)
    const heal = proxy.disturb({ kind: 'cut' }, (address) => address === '127.0.0.9')
    await until('it is reset', () => isolated.error === 'ECONNRESET')
    using again = open('127.0.0.9')
    await until('so is a new one', () => again.error === 'ECONNRESET')
    other.socket.write('still')
    await until('the other goes on', () => other.text === 'heard still')
    heal()
    using healed = open('127.0.0.9')
    healed.socket.write('back')
    await until('it is back', () => healed.text === 'heard back')
  })

  test('that is silent towards the server gives it everything once the silence ends', async () => {
    using client = open()
    await until('it is connected', () => proxy.clients().length === 1)
    const heal = proxy.disturb({ kind: 'silent', direction: 'up' })
    client.socket.write('one')
    using bystander = open()
    bystander.socket.write('two')
    await until('both are connected', () => proxy.clients().length === 2)
    expect(received).toEqual([])
    heal()
    await until('it has arrived', () => client.text === 'heard one' && bystander.text === 'heard two')
  })

  test('that is silent towards the client lets the server hear', async () => {
    using client = open()
    const heal = proxy.disturb({ kind: 'silent', direction: 'down' })
    client.socket.write('one')
    await until('the server has heard', () => received.join('') === 'one')
    expect(client.text).toBe('')
    heal()
    await until('the answer arrives', () => client.text === 'heard one')
  })

  test('that is late keeps the order', async () => {
    using client = open()
    proxy.disturb({ kind: 'late', ms: 60, direction: 'up' })
    const startedAt = performance.now()
    client.socket.write('a')
    await until('the first has arrived', () => received.length === 1)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(59)
    for (const letter of ['b', 'c']) client.socket.write(letter)
    await until('all have arrived', () => received.join('') === 'abc')
  })

  test('hides the end of a connection as long as it is silent', async () => {
    using client = open()
    await until('it is connected', () => proxy.clients().length === 1)
    const heal = proxy.disturb({ kind: 'silent' })
    client.socket.destroy()
    expect(proxy.clients()).toHaveLength(1)
    heal()
    await until('the server has seen it', () => proxy.clients().length === 0)
  })

  function open(localAddress = '127.0.0.1') {
    const socket: Socket = connect({ host: '127.0.0.1', port: proxy.port, localAddress })
    const client = {
      socket,
      text: '',
      error: undefined as string | undefined,
      [Symbol.dispose]: () => socket.destroy(),
    }
    socket.on('data', (bytes) => {
      client.text += bytes.toString()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      client.error = error.code
    })
    return client
  }
})
