import { describe, expect, test } from 'vitest'
import type { Application } from '../../src/policy/application.ts'
import { links, readable } from '../pages/read-page.ts'
import { ruleOf, samplePolicy } from '../policy/sample.ts'
import { newBrowser } from './browser.ts'
import { ask, returnFrom, signIn } from './journey.ts'
import { scriptedProvider } from './scripted-provider.ts'
import { setCookies } from './set-cookie.ts'
import { APP, AUTH, anApplication, eventsNamed, loginWorld } from './world.ts'

/** A policy whose only include is this rule. */
function policyOf(rule: readonly [kind: string, setting: unknown], parts: Parameters<typeof samplePolicy>[0] = {}) {
  return samplePolicy({ ...parts, rules: { include: [ruleOf(...rule)], require: [], exclude: [] } })
}

const onlyBob = policyOf(['email', 'bob@example.com'])

async function arriveAt(application: Application, person = 'ada') {
  const world = await loginWorld({
    applications: [application],
    providers: [scriptedProvider('corporate', 'Corporate')],
  })
  const browser = newBrowser(world)
  const { answer, url } = await signIn(browser, `${APP}/a`, person)
  return { world, browser, answer, url }
}

describe('somebody whom the policies do not let in', () => {
  test('is told who they are, why, and what they can do, and is never sent to log in again', async () => {
    const application = anApplication('app', {
      policies: [onlyBob],
      denyMessage: 'Ask the <platform> team.',
      tile: { title: 'Dashboards', description: undefined },
    })
    const { answer, url, world } = await arriveAt(application)
    expect([answer?.status, url.origin, url.pathname]).toEqual([403, AUTH, '/login'])
    const text = answer ? readable(answer) : ''
    for (const part of [
      'You can’t open Dashboards',
      'app.example.com',
      'ada@example.com',
      'Signed in with Corporate',
      'no-policy-matches',
      'Ask the &lt;platform&gt; team.',
    ]) {
      expect(text).toContain(part)
    }
    expect(answer && links(answer).map((line) => line.split(' → ')[0])).toEqual(['Switch account', 'Sign out'])
    expect(answer && setCookies(answer)).toEqual([])
    expect(world.storeCalls).not.toContain('codes.put')
    expect(eventsNamed(world, 'admitted')).toMatchObject([
      { application: 'team/app', decision: { outcome: 'forbid', reason: 'no-policy-matches' } },
    ])
  })

  test('comes in as somebody else', async () => {
    const { answer, browser } = await arriveAt(anApplication('app', { policies: [onlyBob] }))
    const href = answer && links(answer)[0]?.split(' → ')[1]
    const atProvider = await browser.open(AUTH + href)
    expect(atProvider.url.searchParams.get('prompt')).toBe('select_account')
    expect((await browser.open(returnFrom(atProvider.url, { code: 'bob' }))).url.href).toBe(`${APP}/a`)
  })

  const refusals: Record<string, [parts: Partial<Application>, reason: string]> = {
    'a Deny that matches': [{ policies: [samplePolicy({ action: 'Deny' })] }, 'policy-denies'],
    'a broken application': [{ isBroken: true }, 'application-broken'],
    'no policy at all': [{ policies: [] }, 'no-policy-matches'],
    'a provider that is not admitted': [{ identityProviders: ['partner'] }, 'provider-not-admitted'],
    'a policy that comes out error': [{ policies: [policyOf(['claim', { name: 'x', value: 'y' }])] }, 'claim-missing'],
    'a policy in audit mode that would let them in': [
      { policies: [samplePolicy({ mode: 'Audit' })] },
      'no-policy-matches',
    ],
    'a network that is not theirs': [{ policies: [policyOf(['ip', ['198.51.100.0/24']])] }, 'no-policy-matches'],
  }
  for (const [title, [parts, reason]] of Object.entries(refusals)) {
    test(`because of ${title} is told ${reason}`, async () => {
      const world = await loginWorld()
      const browser = newBrowser(world)
      await signIn(browser, `${APP}/a`)
      world.serve([anApplication('app', parts)])
      const { answer } = await ask(browser, `${APP}/a`)
      expect(answer?.status).toBe(403)
      expect(answer && readable(answer)).toContain(reason)
    })
  }
})

describe('somebody whom the policies let in', () => {
  test('though another one in audit mode would have denied it, which is told', async () => {
    const policies = [samplePolicy({ key: 'team/audit', action: 'Deny', mode: 'Audit' }), samplePolicy()]
    const { url, world } = await arriveAt(anApplication('app', { policies }))
    expect(url.href).toBe(`${APP}/a`)
    expect(eventsNamed(world, 'admitted')).toMatchObject([
      { decision: { outcome: 'allow', audits: [{ policy: 'team/audit', wouldHave: 'deny' }] } },
    ])
  })

  test('is judged by the policies of now, silently', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    await signIn(browser, `${APP}/a`)
    world.serve([anApplication('app', { policies: [onlyBob] })])
    expect((await ask(browser, `${APP}/a`)).answer?.status).toBe(403)
    world.serve([anApplication('app')])
    const back = await ask(browser, `${APP}/a`)
    expect(back.url.href).toBe(`${APP}/a`)
    expect(back.trail.some((address) => address.includes('.idp.test'))).toBe(false)
  })

  test('is judged for opening the application where it begins, from where they are', async () => {
    const policies = [policyOf(['ip', ['192.0.2.0/24']]), policyOf(['method', ['POST']], { action: 'Deny' })]
    const { url } = await arriveAt(anApplication('app', { policies }))
    expect(url.href).toBe(`${APP}/a`)
  })
})

test('an application that goes while somebody is asked who they are is a page, not a fault', async () => {
  const world = await loginWorld()
  const browser = newBrowser(world)
  await signIn(browser, `${APP}/a`)
  const start = await browser.visit(`${APP}/.gatehouse/login?rd=/a`)
  const { find } = world.ports.sessions
  const slow = {
    ...world.ports.sessions,
    find: async (sid: string) => {
      world.serve([])
      return find(sid)
    },
  }
  Object.assign(world.ports, { sessions: slow })
  const answer = await browser.visit(start.headers.find(([name]) => name === 'Location')?.[1] ?? '')
  expect([303, 400]).toContain(answer.status)
})
