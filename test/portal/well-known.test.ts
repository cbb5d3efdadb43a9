import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicUrls } from '../../src/policy/public-url.ts'
import { jwks, metadata } from '../../src/portal/well-known.ts'
import { mintAppToken } from '../../src/tokens/app-token.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { newKeySet, SIGNING_ALGORITHMS } from '../../src/tokens/key-set.ts'
import { AUTH, countedRandomness, type LoginWorld, loginWorld } from '../login/world.ts'
import { header, type PortalOnPort, portalOnPort } from './wire.ts'

let world: LoginWorld
let portal: PortalOnPort

beforeAll(async () => {
  world = await loginWorld()
  portal = await portalOnPort(world)
})

afterAll(async () => {
  await portal?.[Symbol.asyncDispose]()
})

const environment = () => ({ now: () => 0, randomBytes: countedRandomness() })

describe('the published documents', () => {
  for (const path of ['jwks.json', 'openid-configuration']) {
    test(`may be kept for a while and read by every origin: ${path}`, async () => {
      const answer = await portal.ask('GET', `${AUTH}/.well-known/${path}`)
      expect(answer.status).toBe(200)
      expect(header(answer, 'Content-Type')).toBe('application/json')
      expect(header(answer, 'Cache-Control')).toBe('public, max-age=300')
      expect(header(answer, 'Access-Control-Allow-Origin')).toBe('*')
      expect(header(answer, 'X-Content-Type-Options')).toBe('nosniff')
      expect(header(answer, 'Set-Cookie')).toBeUndefined()
    })

    test(`do not need the store or the resources: ${path}`, async () => {
      const other = await loginWorld()
      other.serve(undefined)
      other.down.add('*')
      await using alone = await portalOnPort(other)
      expect((await alone.ask('GET', `${AUTH}/.well-known/${path}`)).status).toBe(200)
    })
  }

  test('name the issuer exactly as the tokens do', async () => {
    const answer = await portal.ask('GET', `${AUTH}/.well-known/openid-configuration`)
    expect(JSON.parse(answer.body)).toMatchObject({
      issuer: AUTH,
      jwks_uri: `${AUTH}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['ES256'],
    })
    const development = publicUrls(new URL('http://auth.localhost:8000/'))
    expect(JSON.parse(metadata(development, world.ring).body)).toMatchObject({ issuer: 'http://auth.localhost:8000' })
  })

  test('verify a token with nothing but issuer, audience and the keys', async () => {
    const { ring } = world
    const token = await mintAppToken(ring, {
      issuer: AUTH,
      audience: 'a'.repeat(64),
      subject: 'someone',
      sid: 'A'.repeat(43),
      now: Date.now(),
      issuedAtMs: Date.now(),
      lifetimeSeconds: 60,
      id: 'id',
    })
    const { body } = await portal.ask('GET', `${AUTH}/.well-known/jwks.json`)
    const expected = { issuer: AUTH, audience: 'a'.repeat(64) }
    const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(body)), expected)
    expect(payload.sub).toBe('someone')
  })
})

describe('the published keys', () => {
  const publicMembers = new Set(['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'])

  for (const algorithm of SIGNING_ALGORITHMS) {
    test(`are ${algorithm} without any private member`, async () => {
      const { keys } = JSON.parse(jwks(await keyRing(await newKeySet(algorithm, environment()))).body)
      expect(keys).toHaveLength(1)
      expect(keys[0]).toMatchObject({ alg: algorithm, use: 'sig', kid: expect.any(String) })
      for (const member of Object.keys(keys[0])) expect(publicMembers).toContain(member)
    })
  }

  test('hold every key that a token may still be signed with, and nothing that was hidden in one', async () => {
    const set = await newKeySet('ES256', environment())
    const { privateKey } = await generateKeyPair('RS256', { extractable: true })
    const key = { ...(await exportJWK(privateKey)), note: 'a secret note', kty: 'RSA' } as JWK & { kty: 'RSA' }
    const older = { kid: 'older-key', algorithm: 'RS256' as const, createdAt: '2020-01-01T00:00:00Z', key }
    const ring = await keyRing({ ...set, signing: [...set.signing, older] })
    const { body } = jwks(ring)
    expect(JSON.parse(body).keys.map(({ kid }: { kid: string }) => kid)).toEqual([set.signing[0]?.kid, 'older-key'])
    expect(body).not.toContain('secret')
    for (const hidden of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) expect(body).not.toContain(String(key[hidden]))
    expect(JSON.parse(metadata(publicUrls(new URL(AUTH)), ring).body).id_token_signing_alg_values_supported).toEqual([
      'ES256',
      'RS256',
    ])
  })
})
