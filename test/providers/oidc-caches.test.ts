import { describe, expect, test, vi } from 'vitest'
import type { ProviderFetch } from '../../src/providers/oidc-fetch.ts'
import { keyCache } from '../../src/providers/oidc-keys.ts'
import { metadataCache } from '../../src/providers/oidc-metadata.ts'
import { ProviderError } from '../../src/providers/provider.ts'
import { endsWithin } from '../parts/ending.ts'

const issuer = 'https://login.example.com'
const uri = `${issuer}/jwks`
const document = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: uri,
}
const key = (kid: string) => ({ kty: 'EC', kid, crv: 'P-256', x: 'x', y: 'y' })
const hour = 3_600_000
const patience = () => AbortSignal.timeout(2000)

/** Plays the provider: answers with `body`, or fails while it is undefined. */
function scripted(body: unknown) {
  const clock = { ms: 1_800_000_000_000 }
  const script = { body, calls: 0 }
  const call: ProviderFetch = async (_operation, _address, _init, _signal, read) => {
    script.calls += 1
    if (script.body === undefined) throw new ProviderError('provider-unreachable', 'down')
    return read(Response.json(script.body))
  }
  return { clock, script, call, now: () => clock.ms }
}

describe('metadata', () => {
  const open = (ports: ReturnType<typeof scripted>) =>
    metadataCache({ issuer, call: ports.call, now: ports.now, allowHttpLocalhost: false, timeoutMs: 1000 })

  test('is fetched once for everybody who asks at the same time', async () => {
    const ports = scripted(document)
    const cache = open(ports)
    expect(cache.known()).toBeUndefined()
    await Promise.all(Array.from({ length: 20 }, () => cache.get(patience())))
    expect(ports.script.calls).toBe(1)
    expect(cache.known()?.token_endpoint).toBe(document.token_endpoint)
  })

  test('serves for an hour without a call, and after that while it is fetched anew', async () => {
    const ports = scripted(document)
    const cache = open(ports)
    await cache.get(patience())
    ports.clock.ms += hour - 1
    await cache.get(patience())
    expect(ports.script.calls).toBe(1)
    ports.clock.ms += 1
    ports.script.body = { ...document, token_endpoint: `${issuer}/new` }
    expect((await cache.get(patience())).token_endpoint).toBe(document.token_endpoint)
    await vi.waitFor(() => expect(cache.known()?.token_endpoint).toBe(`${issuer}/new`))
    expect(ports.script.calls).toBe(2)
  })

  test('serves for ever while the provider is down, and asks it every half minute', async () => {
    const ports = scripted(document)
    const cache = open(ports)
    await cache.get(patience())
    ports.script.body = undefined
    ports.clock.ms += 1000 * hour
    for (let visitor = 0; visitor < 10; visitor += 1) {
      expect((await cache.get(patience())).issuer).toBe(issuer)
      await new Promise(setImmediate)
    }
    expect(ports.script.calls).toBe(2)
    ports.clock.ms += 30_000
    await cache.get(patience())
    expect(ports.script.calls).toBe(3)
  })

  test('that could not be had is asked for again, but not within a second', async () => {
    const ports = scripted(undefined)
    const cache = open(ports)
    for (let visitor = 0; visitor < 10; visitor += 1) {
      await expect(cache.get(patience())).rejects.toMatchObject({ reason: 'provider-unreachable' })
    }
    expect(ports.script.calls).toBe(1)
    ports.clock.ms += 1000
    ports.script.body = document
    expect((await cache.get(patience())).issuer).toBe(issuer)
  })

  test('of a provider that changed its issuer does not take the place of the old', async () => {
    const ports = scripted(document)
    const cache = open(ports)
    await cache.get(patience())
    ports.script.body = { ...document, issuer: 'https://evil.example.com' }
    ports.clock.ms += 2 * hour
    await cache.get(patience())
    await vi.waitFor(() => expect(ports.script.calls).toBe(2))
    expect((await cache.get(patience())).issuer).toBe(issuer)
  })
})

describe('keys', () => {
  const open = (ports: ReturnType<typeof scripted>) =>
    keyCache({ call: ports.call, now: ports.now, timeoutMs: 1000, renewalMs: 300 })
  const kids = (keys: readonly Readonly<Record<string, unknown>>[]) => keys.map(({ kid }) => kid)

  test('serve five minutes, then are fetched before they are used', async () => {
    const ports = scripted({ keys: [key('a')] })
    const cache = open(ports)
    expect(kids(await cache.get(uri, 'a', patience()))).toEqual(['a'])
    ports.script.body = { keys: [key('b')] }
    ports.clock.ms += 299_999
    expect(kids(await cache.get(uri, 'a', patience()))).toEqual(['a'])
    ports.clock.ms += 1
    expect(kids(await cache.get(uri, 'a', patience()))).toEqual(['b'])
    expect(ports.script.calls).toBe(2)
  })

  test.each([
    ['down', undefined],
    ['empty', { keys: [] }],
    ['not a key set', { hello: 'world' }],
    ['full of secrets', { keys: [{ kty: 'oct', kid: 'a', k: 'eA' }] }],
  ])('known so far serve for 24 hours while the set is %s', async (_, body) => {
    const ports = scripted({ keys: [key('a')] })
    const cache = open(ports)
    await cache.get(uri, 'a', patience())
    ports.script.body = body
    ports.clock.ms += 24 * hour - 1
    expect(kids(await cache.get(uri, 'a', patience()))).toEqual(['a'])
    ports.clock.ms += 5000
    await expect(cache.get(uri, 'a', patience())).rejects.toBeInstanceOf(ProviderError)
  })

  test('that are new are found when a token names them, at most once in five seconds', async () => {
    const ports = scripted({ keys: [key('a')] })
    const cache = open(ports)
    await cache.get(uri, 'a', patience())
    ports.script.body = { keys: [key('a'), key('b')] }
    expect(kids(await cache.get(uri, 'b', patience()))).toEqual(['a'])
    ports.clock.ms += 5000
    expect(kids(await cache.get(uri, 'b', patience()))).toEqual(['a', 'b'])
    for (let token = 0; token < 100; token += 1) await cache.get(uri, `random-${token}`, patience())
    expect(ports.script.calls).toBe(2)
  })

  test('of an endpoint that hangs do not hold up a login that the known ones can serve', async () => {
    const ports = scripted({ keys: [key('a')] })
    const hanging: ProviderFetch = (_operation, _address, _init, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new ProviderError('provider-unreachable', 'late'))),
      )
    let call = ports.call
    const cache = keyCache({ call: (...all) => call(...all), now: ports.now, timeoutMs: 2000, renewalMs: 50 })
    await cache.get(uri, 'a', patience())
    call = hanging
    ports.clock.ms += hour
    const keys = cache.get(uri, 'a', patience())
    expect(await endsWithin(1000, keys)).toBe(true)
    expect(kids(await keys)).toEqual(['a'])
  })

  test('of another address are never used', async () => {
    const ports = scripted({ keys: [key('a')] })
    const cache = open(ports)
    await cache.get(uri, 'a', patience())
    ports.script.body = undefined
    ports.clock.ms += 5000
    await expect(cache.get(`${issuer}/moved`, 'a', patience())).rejects.toBeInstanceOf(ProviderError)
    ports.script.body = { keys: [key('b')] }
    expect(kids(await cache.get(`${issuer}/moved again`, 'b', patience()))).toEqual(['b'])
  })

  test('keep only their public part', async () => {
    const ports = scripted({ keys: [{ ...key('a'), d: 'private', x5u: 'https://evil.example.com' }] })
    expect(await open(ports).get(uri, 'a', patience())).toEqual([key('a')])
  })
})
