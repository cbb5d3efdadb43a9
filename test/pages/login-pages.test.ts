import { describe, expect, test } from 'vitest'
import { chooserPage } from '../../src/pages/chooser.ts'
import { continuePage } from '../../src/pages/continue.ts'
import { deniedPage } from '../../src/pages/denied.ts'
import { forbiddenPage } from '../../src/pages/forbidden.ts'
import { personOf } from '../../src/pages/person.ts'
import { providerUnreachablePage } from '../../src/pages/provider-unreachable.ts'
import { unavailablePage } from '../../src/pages/unavailable.ts'
import type { Identity } from '../../src/policy/identity.ts'
import { links, readable } from './read-page.ts'

const application = { title: 'Grafana', host: 'grafana.example.com' }
const person = { label: 'ada@example.com', provider: 'Acme' }
const providers = [
  { name: 'Acme', href: '/login?provider=acme&request=x' },
  { name: 'GitHub', href: '/login?provider=github&request=x' },
]

describe('the chooser', () => {
  test('names the app and its host and links to each provider, in the order given', () => {
    const answer = chooserPage({ application, providers })
    expect(readable(answer)).toContain('Sign in to Grafana grafana.example.com Choose where you have an account.')
    expect(links(answer)).toEqual([
      'Acme → /login?provider=acme&request=x',
      'GitHub → /login?provider=github&request=x',
    ])
  })

  test('says the host once where the app has no other name', () => {
    const answer = chooserPage({ application: { title: 'a.example.com', host: 'a.example.com' }, providers })
    expect(readable(answer).match(/a\.example\.com/g)).toHaveLength(1)
  })

  test('tells who is signed in when the account is switched, and offers to stay', () => {
    const answer = chooserPage({ application, providers, switching: { person, backHref: '/back' } })
    expect(readable(answer)).toContain('Switch account for Grafana')
    expect(readable(answer)).toContain('ada@example.com Signed in with Acme')
    expect(links(answer).at(-1)).toBe('Keep this account → /back')
  })

  test('says so when there is no way to sign in', () => {
    expect(readable(chooserPage({ application: undefined, providers: [] }))).toContain(
      'There is no way to sign in here yet.',
    )
  })
})

describe('the denied page', () => {
  const data = {
    person,
    application,
    reason: 'no-policy-matches',
    denyMessage: 'Ask in #platform.\nThank you.',
    switchAccountHref: '/login?switch=1',
    signOutHref: '/logout',
    reference: '7f3a',
  } as const

  test('says who, what, why, the author’s words, and how to switch account or sign out', () => {
    const text = readable(deniedPage(data))
    expect(text).toContain('You can’t open Grafana grafana.example.com')
    expect(text).toContain('You are signed in, but this account does not have access.')
    expect(text).toContain('Ask in #platform. Thank you.')
    expect(text).toContain('ada@example.com Signed in with Acme')
    expect(text).toContain('Reason no-policy-matches Reference 7f3a')
    expect(links(deniedPage(data))).toEqual(['Switch account → /login?switch=1', 'Sign out → /logout'])
  })

  test('lets the error of a rule speak, since it tells more', () => {
    const text = readable(deniedPage({ ...data, ruleErrors: ['email-unverified', 'email-unverified'] }))
    expect(text).toContain('does not confirm that the email address of this account is yours')
    expect(text).toContain('Reason no-policy-matches, email-unverified Reference')
  })

  test('has no quotation where the author said nothing', () => {
    expect(deniedPage({ ...data, denyMessage: undefined }).body).not.toContain('<blockquote>')
    expect(deniedPage({ ...data, denyMessage: ' \n' }).body).not.toContain('<blockquote>')
  })
})

describe('the forbidden page', () => {
  const nobody = { application: undefined, host: undefined, who: undefined, denyMessage: undefined }

  test('says who is signed in and offers another account only where there is a link', () => {
    const data = { ...nobody, application: 'Grafana', host: 'grafana.example.com', who: 'ada@example.com' }
    const answer = forbiddenPage({ ...data, reason: 'policy-denies' })
    expect(readable(answer)).toContain('You are signed in as ada@example.com.')
    expect(links(answer)).toEqual([])
    expect(links(forbiddenPage({ ...data, reason: 'policy-denies', switchAccountHref: '/s' }))).toEqual([
      'Switch account → /s',
    ])
  })

  test('has a sentence where nothing is known', () => {
    expect(readable(forbiddenPage({ ...nobody, reason: 'no-application' }))).toContain(
      'You can’t open this page There is no app at this address.',
    )
  })
})

describe('the provider-unreachable page', () => {
  const data = { provider: 'Acme', tryAgainHref: '/again', retryAfterSeconds: 5, reason: 'provider-unreachable' }

  test('offers trying again first and then the other providers', () => {
    const answer = providerUnreachablePage({ ...data, otherProviders: providers.slice(1) })
    expect(readable(answer)).toContain('Acme does not answer')
    expect(links(answer)).toEqual(['Try again → /again', 'GitHub → /login?provider=github&request=x'])
  })

  test('does not speak of other ways where there are none', () => {
    expect(readable(providerUnreachablePage({ ...data, otherProviders: [] }))).not.toContain('another way')
  })
})

describe('the unavailable page', () => {
  const cases = [
    { reason: 'store-unavailable', expected: 'if you were signed in, you still are' },
    { reason: 'not-ready', expected: 'Just starting' },
    { reason: 'answer-too-large', expected: 'Waiting will not help.' },
  ] as const
  for (const { reason, expected } of cases) {
    test(`says what ${reason} means for the person`, () => {
      expect(readable(unavailablePage({ reason, retryAfterSeconds: 5 }))).toContain(expected)
    })
  }
})

describe('the continue page', () => {
  test('goes on by itself, carries cookies, and has a link for browsers that do not', () => {
    const answer = continuePage({ href: 'https://a.example.com/x?a=1;b=2&c=3' }, [['Set-Cookie', 'a=b']])
    expect(answer.body).toContain('<meta http-equiv="refresh" content="0;url=https://a.example.com/x?a=1;b=2&amp;c=3">')
    expect(answer.headers).toContainEqual(['Set-Cookie', 'a=b'])
    expect(links(answer)).toEqual(['Open it now → https://a.example.com/x?a=1;b=2&c=3'])
  })

  test('stays where it is if the target is not admitted', () => {
    expect(continuePage({ href: '//evil.example' }).body).not.toMatch(/refresh|evil/)
  })
})

describe('personOf', () => {
  const identity: Identity = {
    provider: 'acme',
    subject: 's',
    email: undefined,
    emailVerified: false,
    name: undefined,
    preferredUsername: undefined,
    groups: [],
    groupsIncomplete: false,
    claims: {},
  }
  const cases = [
    { title: 'the email address first', parts: { email: 'ada@example.com', name: 'Ada' }, label: 'ada@example.com' },
    { title: 'else the name', parts: { name: 'Ada', preferredUsername: 'ada1' }, label: 'Ada' },
    {
      title: 'else the user name, blanks not counting',
      parts: { name: ' ', preferredUsername: 'ada1' },
      label: 'ada1',
    },
    { title: 'else admits that there is no name', parts: {}, label: 'An account without a name' },
  ]
  for (const { title, parts, label } of cases) {
    test(`shows ${title}`, () =>
      expect(personOf({ ...identity, ...parts }, 'Acme')).toEqual({ label, provider: 'Acme' }))
  }
})
