import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CheckMessage } from '../../src/check/check-message.ts'

interface Listening {
  readonly port: number
  readonly close: () => void
}

/** A server that says with which `Expect` it was asked, and through which event. */
async function listening(kind: typeof IncomingMessage | undefined): Promise<Listening> {
  const server = createServer(kind === undefined ? {} : { IncomingMessage: kind, optimizeEmptyRequests: true })
  for (const event of ['request', 'checkExpectation'] as const) {
    server.on(event, async (request, response) => {
      const { host, expect: expected } = request.headers
      response.end(`${event} ${host} ${expected} ${await text(request)}`)
    })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

async function said({ port }: Listening, version: string, headers: readonly string[], body = ''): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write([`GET / HTTP/${version}`, 'Connection: close', ...headers, '', body].join('\r\n'))
  return (await text(socket)).replace(/^Date: .*\r\n/m, '')
}

describe('a check’s message is to Node what any request is', () => {
  let [own, plain]: (Listening | undefined)[] = []
  beforeAll(async () => {
    own = await listening(CheckMessage)
    plain = await listening(undefined)
  })
  afterAll(() => {
    own?.close()
    plain?.close()
  })

  test.each([
    ['without a Host', '1.1', [], /^HTTP\/1.1 400 /],
    ['without a Host in HTTP/1.0', '1.0', [], /^HTTP\/1.1 200 .*request undefined undefined/s],
    ['with a Host', '1.1', ['Host: a'], /request a undefined/],
    ['with an empty Host', '1.1', ['Host:'], /request {2}undefined/],
    ['with a Host in other letters', '1.1', ['hOST: a', 'From: b', 'Date: c'], /request a undefined/],
    ['with two Hosts', '1.1', ['Host: a', 'host: b'], /request a undefined/],
    [
      'that expects to be told to go on',
      '1.1',
      ['Host: a', 'Expect: 100-continue'],
      /^HTTP\/1.1 100 .*request a 100-/s,
    ],
    [
      'that expects so in other letters',
      '1.1',
      ['Host: a', 'eXPECT: 100-Continue'],
      /^HTTP\/1.1 100 .*request a 100-/s,
    ],
    ['that expects something else', '1.1', ['Host: a', 'Expect: x', 'Accept: y'], /checkExpectation a x/],
    ['that expects two things', '1.1', ['Host: a', 'Expect: x', 'expect: y'], /checkExpectation a x, y/],
    ['that expects nothing in HTTP/1.0', '1.0', ['Expect: x'], /request undefined x/],
  ])('%s', async (_, version, headers, expected) => {
    if (own === undefined || plain === undefined) throw new Error('not started')
    const answer = await said(own, version, headers)
    expect(answer).toMatch(expected)
    expect(answer).toBe(await said(plain, version, headers))
  })

  test.each([
    ['of a length', ['Content-Length: 4'], 'body'],
    ['of a length, in other letters', ['content-LENGTH: 4'], 'body'],
    ['in chunks', ['Transfer-Encoding: chunked'], '4\r\nbody\r\n0\r\n\r\n'],
    ['that was asked for', ['Content-Length: 4', 'Expect: 100-continue'], 'body'],
  ])('with a body %s', async (_, headers, body) => {
    if (own === undefined || plain === undefined) throw new Error('not started')
    const answer = await said(own, '1.1', ['Host: a', ...headers], body)
    expect(answer).toContain(' body')
    expect(answer).toBe(await said(plain, '1.1', ['Host: a', ...headers], body))
  })
})
