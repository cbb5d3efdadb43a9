import { describe, expect, test } from 'vitest'
import { type SessionsData, sessionsPage } from '../../src/pages/sessions.ts'
import { links, readable } from './read-page.ts'

const row = {
  sid: 'b'.repeat(43),
  device: 'Firefox on Linux',
  clientAddress: '192.0.2.7',
  provider: 'Acme',
  signedInAtMs: Date.parse('2026-03-04T05:06:07.089Z'),
  lastSeenAtMs: Date.parse('2026-12-31T23:59:59.999Z'),
  isThisOne: false,
}
const data: SessionsData = {
  person: { label: 'ada@example.com', provider: 'Acme' },
  sessions: [{ ...row, sid: 'a'.repeat(43), device: 'Safari on iPhone', isThisOne: true }, row],
  hasOthers: true,
  moreHref: undefined,
  notice: undefined,
  formOrigins: ['https://acme.example'],
}

/** Forms of a page, as `action: button (name=value)`. */
function forms(body: string): string[] {
  return [...body.matchAll(/<form method="post" action="([^"]*)"><button([^>]*)>([^<]*)<\/button><\/form>/g)].map(
    ([, action, attributes = '', label]) => {
      const [, name, value] = /name="([^"]*)" value="([^"]*)"/.exec(attributes) ?? []
      const spoken = /aria-label="([^"]*)"/.exec(attributes)?.[1] ?? label
      return `${action}: ${spoken}${name === undefined ? '' : ` (${name}=${value})`}`
    },
  )
}

describe('the page of sessions', () => {
  test('says of each device what it is, where and when, and which one this is', () => {
    const text = readable(sessionsPage(data))
    expect(text).toContain(
      'Safari on iPhone This device Last seen now Signed in 4 Mar 2026, 05:06 From 192.0.2.7 With Acme',
    )
    expect(text).toContain(
      'Firefox on Linux Last seen 31 Dec 2026, 23:59 Signed in 4 Mar 2026, 05:06 From 192.0.2.7 With Acme',
    )
    expect(text).toContain('Times are in UTC')
    expect(sessionsPage(data).body).toContain('<time datetime="2026-12-31T23:59:59.999Z">')
  })

  test('has a button for each device, for all others, and for everywhere', () => {
    expect(forms(sessionsPage(data).body)).toEqual([
      '/logout: Sign out this device',
      `/sessions: Sign out Firefox on Linux (session=${'b'.repeat(43)})`,
      '/sessions: Sign out all other devices (others=end)',
      '/logout: Sign out everywhere, this device too (scope=everywhere)',
    ])
  })

  test('offers no other devices where there are none', () => {
    expect(sessionsPage({ ...data, hasOthers: false }).body).not.toContain('all other devices')
  })

  test('leads on to more, back to the apps, and may lead to a provider’s sign-out', () => {
    const answer = sessionsPage({ ...data, moreHref: '/sessions?after=x' })
    expect(links(answer)).toEqual(['Sign out → /logout', 'Show more → /sessions?after=x', 'Your apps → /'])
    const policy = answer.headers.find(([name]) => name === 'Content-Security-Policy')?.[1]
    expect(policy).toContain("form-action 'self' https://acme.example;")
  })

  test('says what has been done, for screen readers too', () => {
    expect(sessionsPage(data).body).not.toContain('role="status"')
    for (const notice of ['ended', 'gone', 'others-ended'] as const)
      expect(sessionsPage({ ...data, notice }).body).toMatch(
        /<p class="notice" role="status">[^<]+signed out[^<]*<\/p>/,
      )
  })

  test('leaves out what is not known', () => {
    const unknown = { ...row, clientAddress: undefined, provider: undefined }
    expect(readable(sessionsPage({ ...data, sessions: [unknown] }))).not.toMatch(/From|With/)
  })
})
