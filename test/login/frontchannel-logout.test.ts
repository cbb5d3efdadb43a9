import { beforeEach, describe, expect, test } from 'vitest'
import { frontchannelLogout } from '../../src/login/frontchannel-logout.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { newBrowser, visitTo } from './browser.ts'
import { signIn } from './journey.ts'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld } from './world.ts'

const ISSUER = 'https://corporate.idp.test'

describe('a front-channel logout', () => {
  let world: LoginWorld
  let provider: ScriptedProvider
  const get = (query: string, name = 'corporate') =>
    frontchannelLogout(world.ports, visitTo(`${AUTH}/frontchannel-logout/${name}?${query}`), { provider: name })
  const queryOf = (iss: string, sid: string) => new URLSearchParams({ iss, sid }).toString()

  beforeEach(async () => {
    provider = scriptedProvider('corporate')
    provider.gives = { providerSid: 's-1' }
    world = await loginWorld({ providers: [provider] })
  })

  test('ends the sessions that rest on the provider’s, without a cookie, in a page that only the provider frames', async () => {
    const [first, second] = [newBrowser(world), newBrowser(world)]
    await signIn(first, `${APP}/a`)
    await signIn(second, `${APP}/a`)
    const answer = await get(queryOf(ISSUER, 's-1'))
    expect(answer.status).toBe(200)
    const headers = new Map(answer.headers)
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('Content-Security-Policy')).toContain(`frame-ancestors ${ISSUER}`)
    expect(headers.has('X-Frame-Options')).toBe(false)
    expect(world.revoked).toMatchObject([
      {
        scope: { kind: 'provider-session', provider: 'corporate', providerSid: 's-1' },
        by: { actor: 'provider', name: 'corporate', reason: 'frontchannel-logout' },
      },
    ])
    for (const browser of [first, second]) expect((await browser.visit(`${AUTH}/identity`)).status).toBe(401)
  })

  test('of a session that nobody has signed in with looks the same and revokes nothing', async () => {
    await signIn(newBrowser(world), `${APP}/a`)
    const known = await get(queryOf(ISSUER, 's-1'))
    const count = world.revoked.length
    for (const sid of ['s-1', 's-2', 'invented']) expect(await get(queryOf(ISSUER, sid))).toEqual(known)
    expect(world.revoked).toHaveLength(count)
  })

  test('counts again after the next login with the same session of the provider', async () => {
    for (let round = 1; round <= 2; round += 1) {
      world.clock.advance(1000)
      await signIn(newBrowser(world), `${APP}/a`)
      await get(queryOf(ISSUER, 's-1'))
      expect(world.revoked).toHaveLength(round)
    }
  })

  test('can be repeated if the store gave no answer', async () => {
    await signIn(newBrowser(world), `${APP}/a`)
    for (const operation of ['codes.take', 'revoker.revoke']) {
      world.down.add(operation)
      await expect(get(queryOf(ISSUER, 's-1'))).rejects.toThrow(StoreUnavailableError)
      world.down.clear()
    }
    expect((await get(queryOf(ISSUER, 's-1'))).status).toBe(200)
    expect(world.revoked).toHaveLength(1)
  })

  const noSid = 'expected exactly one sid, of 1 to 512 characters'
  const noIssuer = 'expected exactly one iss'
  const otherIssuer = `iss is not the issuer of the provider, ${ISSUER}`
  test.each([
    ['no parameters', '', noIssuer],
    ['no iss', 'sid=s-1', noIssuer],
    ['no sid', `iss=${encodeURIComponent(ISSUER)}`, noSid],
    ['an empty sid', queryOf(ISSUER, ''), noSid],
    ['a sid without end', queryOf(ISSUER, 's'.repeat(513)), noSid],
    ['another issuer', queryOf('https://evil.test', 's-1'), otherIssuer],
    ['an issuer with a slash more', queryOf(`${ISSUER}/`, 's-1'), otherIssuer],
    ['two issuers', `${queryOf(ISSUER, 's-1')}&iss=https://evil.test`, noIssuer],
    ['the issuer twice', `${queryOf(ISSUER, 's-1')}&iss=${encodeURIComponent(ISSUER)}`, noIssuer],
    ['two sids', `${queryOf(ISSUER, 's-1')}&sid=s-2`, noSid],
    ['a provider that there is not', queryOf(ISSUER, 's-1'), 'there is no such provider', 'unknown'],
  ])('with %s is 400 and ends nothing', async (_, query, detail, name?: string) => {
    await signIn(newBrowser(world), `${APP}/a`)
    expect((await get(query, name)).status).toBe(400)
    expect(world.revoked).toEqual([])
    expect(eventsNamed(world, 'portalRefused')).toMatchObject([
      { reason: 'provider-logout-invalid', status: 400, detail },
    ])
  })
})
