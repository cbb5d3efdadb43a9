import { createServer, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { cutWhenSilent } from '../../src/redis/silence.ts'
import { endsWithin } from '../parts/ending.ts'
import { until } from '../parts/until.ts'

const SILENCE_MS = 200

/** A client whose commands a server takes and leaves for the test to answer; and how often the connection was cut. */
async function connectedTo(work: (stage: { client: Redis; server: () => Socket; cuts: string[] }) => Promise<void>) {
  let last: Socket | undefined
  const server = createServer((socket) => {
    last = socket.on('error', () => {}).resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const cuts: string[] = []
  const client = new Redis({
    port,
    host: '127.0.0.1',
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    lazyConnect: true,
    retryStrategy: null,
  })
  cutWhenSilent(client, SILENCE_MS)
  client.on('error', (error) => cuts.push(error.message))
  try {
    await client.connect()
    const connection = await until('the server has it', () => last)
    await work({ client, server: () => connection, cuts })
  } finally {
    client.disconnect()
    last?.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

const hasPassed = (ms: number) => {
  const startedAt = performance.now()
  return until('so much time has passed', () => performance.now() - startedAt > ms)
}

test('a connection over which no answer comes is cut, and what waits fails', async () => {
  await connectedTo(async ({ client, cuts }) => {
    const asked = client.get('key')
    expect(
      await endsWithin(
        SILENCE_MS / 2,
        asked.catch(() => {}),
      ),
    ).toBe(false)
    await expect(asked).rejects.toThrow('closed')
    expect(cuts).toEqual([`no answer within ${SILENCE_MS} ms`])
  })
})

test('a connection that is not used may be silent', async () => {
  await connectedTo(async ({ client, server, cuts }) => {
    await hasPassed(3 * SILENCE_MS)
    const asked = client.get('key')
    server().write('$2\r\nhi\r\n')
    expect(await asked).toBe('hi')
    await hasPassed(3 * SILENCE_MS)
    expect(cuts).toEqual([])
  })
})

test('an answer that takes its time is waited for as long as more of it comes', async () => {
  await connectedTo(async ({ client, server, cuts }) => {
    const asked = client.get('key')
    server().write('$40\r\n')
    const drip = setInterval(() => server().write('x'), SILENCE_MS / 20)
    await until('all of it is there', () => server().bytesWritten >= 45)
    clearInterval(drip)
    server().write('\r\n')
    expect(await asked).toMatch(/^x+$/)
    expect(cuts).toEqual([])
  })
})
