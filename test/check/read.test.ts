import { describe, expect, test } from 'vitest'
import { dialects } from '../../src/check/dialects/index.ts'
import { createReader, type Reader } from '../../src/check/read.ts'
import type { AccessRequest } from '../../src/policy/access-request.ts'
import { ADDRESS_SOURCES, type ClientRequest, checkUrl, DIALECTS, type DialectName, proxyHeaders } from './calls.ts'

function readerOf(name: DialectName, trustedHops?: number, publicPort = 443): Reader {
  const dialect = dialects.find((one) => one.name === name)
  if (dialect === undefined) throw new Error(`no dialect ${name}`)
  const source = trustedHops === undefined ? ADDRESS_SOURCES[name] : { header: 'X-Forwarded-For', trustedHops }
  return createReader(dialect, source, publicPort)
}

function read(name: DialectName, request: ClientRequest, reader = readerOf(name)): AccessRequest | string {
  const [, query = ''] = checkUrl(name, request).split(/\?(.*)/s)
  return reader.read({ query, rawHeaders: [...proxyHeaders(name, request), ...(request.headers ?? [])].flat() })
}

test('the dialects are these', () => {
  expect(dialects.map(({ name }) => name)).toEqual(DIALECTS)
})

describe.each(DIALECTS)('a call in the dialect %s', (name) => {
  test('is read as the one request that it describes', () => {
    const request: ClientRequest = {
      method: 'PATCH',
      host: 'App.Example.com.:443',
      target: '/a%20b?c=%2F&d',
      address: '203.0.113.9',
      headers: [
        ['Cookie', 'a=1'],
        ['Gatehouse-Token', 't'],
        ['Accept', 'text/html'],
      ],
    }
    expect(read(name, request)).toEqual({
      method: 'PATCH',
      host: 'app.example.com',
      path: '/a%20b',
      query: 'c=%2F&d',
      clientAddress: '203.0.113.9',
      isNavigation: false,
      credentials: { cookies: 'a=1', token: 't' },
    })
  })

  test.each<[Partial<ClientRequest>, string]>([
    [{ method: '' }, 'request-incomplete'],
    [{ method: 'get' }, 'request-method-invalid'],
    [{ method: 'Get' }, 'request-method-invalid'],
    [{ method: 'GET,POST' }, 'request-method-invalid'],
    [{ method: `G${'E'.repeat(40)}` }, 'request-method-invalid'],
    [{ method: '-GET' }, 'request-method-invalid'],
    [{ method: 'GET2' }, 'request-method-invalid'],
    [{ host: '' }, 'request-incomplete'],
    [{ host: 'app.example.com:8443' }, 'request-host-invalid'],
    [{ host: 'app.example.com,evil.test' }, 'request-host-invalid'],
    [{ target: '' }, 'request-incomplete'],
    [{ target: 'x' }, 'request-path-invalid'],
    [{ target: 'https://app.example.com/' }, 'request-path-invalid'],
    [{ target: '//evil.test/' }, 'request-path-ambiguous'],
    [{ target: '/a#b' }, 'request-path-invalid'],
    [{ target: '/a, /b' }, 'request-path-invalid'],
  ])('is refused with %o: %s', (parts, reason) => {
    expect(read(name, { host: 'app.example.com', ...parts })).toBe(reason)
  })

  test.each(['GET', 'M-SEARCH', 'VERSION-CONTROL', 'X', 'OPTIONS'])('has the method %s as it came', (method) => {
    expect(read(name, { host: 'app.example.com', method })).toMatchObject({ method })
  })

  test('has the address that is so many hops from the right', () => {
    const chain: ClientRequest['headers'] = [['x-forwarded-for', '6.6.6.6, 203.0.113.9, 10.0.0.1']]
    const own = name === 'forward' ? { address: '6.6.6.6, 203.0.113.9, 10.0.0.1' } : { headers: chain }
    expect(read(name, { host: 'app.example.com', ...own }, readerOf(name, 1))).toMatchObject({
      clientAddress: '203.0.113.9',
    })
    expect(read(name, { host: 'app.example.com', ...own }, readerOf(name, 5))).toMatchObject({
      clientAddress: undefined,
    })
  })

  test('may name the port that apps are published on, and no other', () => {
    const reader = readerOf(name, undefined, 8000)
    expect(read(name, { host: 'app.localhost:8000' }, reader)).toMatchObject({ host: 'app.localhost' })
    expect(read(name, { host: 'app.localhost:443' }, reader)).toBe('request-host-invalid')
  })
})
