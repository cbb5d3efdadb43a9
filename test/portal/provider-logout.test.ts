import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newBrowser } from '../login/browser.ts'
import { signIn } from '../login/journey.ts'
import { type ScriptedProvider, scriptedProvider } from '../login/scripted-provider.ts'
import { APP, AUTH, type LoginWorld, loginWorld } from '../login/world.ts'
import { header, type PortalOnPort, portalOnPort } from './wire.ts'

const BACK = `${AUTH}/backchannel-logout/corporate`
const FRONT = `${AUTH}/frontchannel-logout/corporate`
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

describe('what a provider tells the portal of its logouts', () => {
  let world: LoginWorld
  let provider: ScriptedProvider
  let portal: PortalOnPort

  beforeEach(async () => {
    provider = scriptedProvider('corporate')
    provider.gives = { providerSid: 's-1' }
    world = await loginWorld({ providers: [provider] })
    const iat = Math.floor(world.clock.now() / 1000)
    const token = { sub: undefined, sid: 's-1', jti: 'token-1', iat, exp: iat + 120, goodUntilMs: (iat + 150) * 1000 }
    provider.logoutTokens.set('sound', token)
    portal = await portalOnPort(world)
    await signIn(newBrowser(world), `${APP}/a`)
  })
  afterEach(() => portal[Symbol.asyncDispose]())

  const scope = { kind: 'provider-session', provider: 'corporate', providerSid: 's-1' }

  test('behind the browser’s back is a form, posted from nowhere', async () => {
    const answer = await portal.ask('POST', BACK, { headers: FORM, body: 'logout_token=sound' })
    expect([answer.status, answer.body]).toEqual([200, ''])
    expect(header(answer, 'Cache-Control')).toBe('no-store')
    expect(world.revoked).toMatchObject([{ scope }])
  })

  test('behind the browser’s back is refused if it is no such form', async () => {
    const json = { 'Content-Type': 'application/json' }
    const answer = await portal.ask('POST', BACK, { headers: json, body: '{"logout_token":"sound"}' })
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, 'invalid_request'])
    expect(world.revoked).toEqual([])
  })

  test('in the browser is a page in a frame', async () => {
    const { issuer } = provider
    const answer = await portal.ask('GET', `${FRONT}?${new URLSearchParams({ iss: issuer, sid: 's-1' })}`)
    expect(answer.status).toBe(200)
    expect(header(answer, 'Content-Security-Policy')).toContain(`frame-ancestors ${new URL(issuer).origin}`)
    expect(header(answer, 'X-Frame-Options')).toBeUndefined()
    expect(world.revoked).toMatchObject([{ scope }])
  })

  test.for([
    ['GET', BACK],
    ['POST', FRONT],
    ['POST', `${APP}/backchannel-logout/corporate`],
    ['GET', `${APP}/frontchannel-logout/corporate?iss=x&sid=s-1`],
  ] as const)('is nowhere else: %s %s', async ([method, address]) => {
    const answer = await portal.ask(method, address, { headers: FORM, body: 'logout_token=sound' })
    expect(answer.status).toBe(404)
    expect(world.revoked).toEqual([])
  })
})
