import { describe, expect, test } from 'vitest'
import type { Application } from '../../src/policy/application.ts'
import { launcher } from '../../src/portal/launcher.ts'
import { locationOf, newBrowser, visitTo } from '../login/browser.ts'
import { signInAtAuthHost } from '../login/journey.ts'
import { setCookies } from '../login/set-cookie.ts'
import { AUTH, anApplication, loginWorld } from '../login/world.ts'
import { links, readable } from '../pages/read-page.ts'
import { ruleOf, samplePolicy } from '../policy/sample.ts'

const tile = (title: string, description?: string) => ({ tile: { title, description } })

async function open(applications: readonly Application[], person = 'ada') {
  const world = await loginWorld({ applications })
  const browser = newBrowser(world)
  await signInAtAuthHost(browser, person)
  const visit = visitTo(`${AUTH}/`, { cookies: browser.cookieHeader('auth.example.com') })
  return { world, visit, answer: await launcher(world.ports, visit) }
}

describe('the launcher', () => {
  test('sends a stranger to sign in', async () => {
    const { ports } = await loginWorld()
    const answer = await launcher(ports, visitTo(`${AUTH}/`))
    expect([answer.status, locationOf(answer), setCookies(answer)]).toEqual([302, `${AUTH}/login`, []])
  })

  test('shows the apps that this person may open, by title, each where it begins', async () => {
    const rules = (address: string) => ({ include: [ruleOf('email', address)], require: [], exclude: [] })
    const { answer } = await open([
      anApplication('wiki', tile('Wiki', 'What everybody knows')),
      anApplication('dash', { ...tile('Dashboards'), destinations: [{ host: 'x.example.com', path: '/grafana' }] }),
      anApplication('ada', { ...tile('Ada only'), policies: [samplePolicy({ rules: rules('ada@example.com') })] }),
      anApplication('bob', { ...tile('Bob only'), policies: [samplePolicy({ rules: rules('bob@example.com') })] }),
      anApplication('broken', { ...tile('Broken'), isBroken: true }),
      anApplication('shut', { ...tile('Shut'), policies: [] }),
      anApplication('partner', { ...tile('Partner'), identityProviders: ['partner'] }),
      anApplication('hidden'),
      anApplication('wild', { ...tile('Wild'), destinations: [{ host: '*.wild.example.com', path: '/' }] }),
      anApplication('both', {
        ...tile('Both'),
        destinations: [
          { host: '*.both.example.com', path: '/' },
          { host: 'both.example.com', path: '/b' },
        ],
      }),
    ])
    expect(links(answer)).toEqual([
      'Devices → /sessions',
      'Sign out → /logout',
      'Ada only → https://ada.example.com/',
      'Both → https://both.example.com/b',
      'Dashboards → https://x.example.com/grafana',
      'Wiki → https://wiki.example.com/',
    ])
    expect(readable(answer)).toContain('What everybody knows')
    expect(readable(answer)).toContain('ada@example.com')
  })

  test('follows the policies of now', async () => {
    const { world, visit, answer } = await open([anApplication('wiki', tile('Wiki'))])
    expect(readable(answer)).toContain('Wiki')
    world.serve([anApplication('wiki', { ...tile('Wiki'), policies: [samplePolicy({ action: 'Deny' })] })])
    expect(readable(await launcher(world.ports, visit))).toContain('No apps yet')
  })

  test('is empty, not broken, before the first set of resources', async () => {
    const { world, visit } = await open([])
    world.serve(undefined)
    expect((await launcher(world.ports, visit)).status).toBe(200)
  })

  test('writes titles as text', async () => {
    const { answer } = await open([anApplication('x', tile('<script>alert(1)</script>', '"><img src=x>'))])
    expect(answer.body).not.toMatch(/<script|<img/)
  })
})
