import { describe, expect, test } from 'vitest'
import { confirmSignOutPage } from '../../src/pages/confirm-sign-out.ts'
import { launcherPage } from '../../src/pages/launcher.ts'
import { signedOutPage } from '../../src/pages/signed-out.ts'
import { links, readable } from './read-page.ts'

const person = { label: 'ada@example.com', provider: 'Acme' }

describe('the page that confirms signing out', () => {
  const data = {
    person,
    action: '/logout',
    offersEverywhere: true,
    formOrigins: ['https://acme.example'],
    backHref: '/',
  }

  test('posts, says who is signed in, and offers every device apart', () => {
    const { body } = confirmSignOutPage(data)
    expect(body).toContain('<form class="actions" method="post" action="/logout">')
    expect(body).toContain('<button class="button" type="submit">Sign out</button>')
    expect(body).toContain('name="scope" value="everywhere">Sign out on every device</button>')
    expect(readable(confirmSignOutPage(data))).toContain('ada@example.com Signed in with Acme')
  })

  test('does not offer every device where that is not possible', () => {
    expect(confirmSignOutPage({ ...data, offersEverywhere: false }).body).not.toContain('everywhere')
  })

  test('lets the form lead to the providers', () => {
    const policy = confirmSignOutPage(data).headers.find(([name]) => name === 'Content-Security-Policy')
    expect(policy?.[1]).toContain("form-action 'self' https://acme.example;")
  })

  test('refuses to post anywhere that may not be linked to', () => {
    expect(() => confirmSignOutPage({ ...data, action: 'javascript:alert(1)' })).toThrow(TypeError)
  })
})

describe('the signed-out page', () => {
  test('leads back to the app where it is known', () => {
    const answer = signedOutPage({ back: { label: 'Back to Grafana', href: 'https://grafana.example.com/' } })
    expect(links(answer)).toEqual(['Back to Grafana → https://grafana.example.com/'])
    expect(links(signedOutPage({}))).toEqual([])
  })

  test('says whether other devices are signed out too', () => {
    expect(readable(signedOutPage({ isEverywhere: true }))).toContain('on all your devices')
    expect(readable(signedOutPage({}))).toContain('to this browser')
  })
})

describe('the launcher', () => {
  test('shows who is signed in and each app as a link with its description', () => {
    const tiles = [
      { title: 'Grafana', description: 'Dashboards', href: 'https://grafana.example.com/' },
      { title: 'Wiki', description: undefined, href: 'https://wiki.example.com/' },
    ]
    const answer = launcherPage({ person, tiles, sessionsHref: '/sessions', signOutHref: '/logout' })
    expect(readable(answer)).toContain('ada@example.com Signed in with Acme')
    expect(readable(answer)).toContain('Your apps Grafana Dashboards Wiki')
    expect(links(answer)).toEqual([
      'Devices → /sessions',
      'Sign out → /logout',
      'Grafana → https://grafana.example.com/',
      'Wiki → https://wiki.example.com/',
    ])
  })

  test('cuts a name of any length at 120 characters, and never through one', () => {
    const answer = launcherPage({
      person: { label: '👩'.repeat(500), provider: undefined },
      tiles: [],
      sessionsHref: '/',
      signOutHref: '/',
    })
    expect(readable(answer)).toContain(` ${'👩'.repeat(119)}… `)
  })

  test('explains itself when there is nothing to open', () => {
    expect(readable(launcherPage({ person, tiles: [], sessionsHref: '/', signOutHref: '/logout' }))).toContain(
      'No apps yet',
    )
  })
})
