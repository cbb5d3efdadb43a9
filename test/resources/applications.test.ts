import { describe, expect, test } from 'vitest'
import { audienceOf } from '../../src/resources/applications.ts'
import { compile } from '../../src/resources/compile.ts'
import { readObject } from '../../src/resources/objects.ts'
import { app, everyone } from './cases.ts'
import { application, compiled, context, policy, provider } from './world.ts'

describe('what an application is made of', () => {
  const settings = {
    identityProviders: ['staff'],
    session: { duration: '1h30m' },
    cookie: { sameSite: 'None' },
    identityHeaders: ['Cookie', 'Email'],
    assertion: { groups: true, claims: ['department'] },
    denyPage: { message: 'Ask the platform team.' },
    launcher: { title: 'App', description: 'An app.' },
  }

  test('comes from its manifest', () => {
    const { policySet } = compiled([app(['everyone'], settings), everyone, provider('staff')])
    expect(policySet.applications.get('default/app')).toMatchObject({
      key: 'default/app',
      sameSite: 'None',
      identityProviders: ['staff'],
      sessionSeconds: 5400,
      identityHeaders: ['Email', 'Cookie'],
      assertionGroups: true,
      assertionClaims: ['department'],
      denyMessage: 'Ask the platform team.',
      tile: { title: 'App', description: 'An app.' },
      isBroken: false,
    })
  })

  test('has defaults', () => {
    const { policySet } = compiled([app([])])
    expect(policySet.applications.get('default/app')).toMatchObject({
      sameSite: 'Lax',
      identityProviders: [],
      sessionSeconds: undefined,
      identityHeaders: ['Assertion', 'User', 'Email', 'Groups', 'PreferredUsername', 'Cookie'],
      assertionGroups: false,
      assertionClaims: [],
      denyMessage: undefined,
      tile: { title: 'app', description: undefined },
    })
  })

  test('has no tile if the launcher is to hide it', () => {
    const { policySet } = compiled([app([], { launcher: { hidden: true } })])
    expect(policySet.applications.get('default/app')?.tile).toBeUndefined()
  })

  test('has an audience of issuer, namespace and name, and a cookie named for it', () => {
    const { policySet, statuses } = compiled([app([])])
    const found = policySet.applications.get('default/app')
    expect(found?.audience).toBe(context.hashHex('https://auth.example.com\ndefault\napp'))
    expect(found?.audience).toBe(audienceOf('default', 'app', context))
    expect(found?.cookieName).toBe(`__Host-gatehouse-${found?.audience.slice(0, 16)}`)
    expect(statuses[0]?.audience).toBe(found?.audience)
  })

  test('has a plain cookie name in the development mode', () => {
    const { policySet } = compiled([app([])], { cookiePrefix: '' })
    expect(policySet.applications.get('default/app')?.cookieName).toMatch(/^gatehouse-[0-9a-f]{16}$/)
  })
})

test.for([
  ['ApiServer', 'there is no key secret in a Secret oidc of the system namespace'],
  ['Files', 'there is no file oidc/secret with anything in it below resources.secretsDirectory'],
] as const)('a secret that is missing from %s is named as it would be put there', ([objectsFrom, message]) => {
  const ref = { name: 'oidc', key: 'secret' }
  const { statuses } = compiled([provider('staff', { clientSecretRef: ref })], { secret: () => undefined, objectsFrom })
  expect(statuses.flatMap(({ conditions }) => conditions)).toContainEqual(
    expect.objectContaining({ reason: 'SecretNotFound', message }),
  )
})

test('a provider carries its settings with defaults and the secret it refers to', () => {
  const ref = { name: 'oidc', key: 'secret' }
  const { identityProviders } = compiled([provider('staff', { clientSecretRef: ref })], {
    secret: ({ name, key }) => `${name}+${key}`,
  })
  expect(identityProviders).toMatchObject([
    { name: 'staff', displayName: 'staff', type: 'OIDC', clientSecretRef: ref, clientSecret: 'oidc+secret' },
  ])
  expect(identityProviders[0]?.oidc.scopes).toContain('openid')
})

test('a policy keeps its mode and session', () => {
  const { policySet } = compiled([
    app(['p']),
    policy('p', 'Allow', [{ everyone: {} }], { mode: 'Audit', session: { duration: '30m' } }),
  ])
  const found = policySet.applications.get('default/app')?.policies[0]
  expect(found).toMatchObject({ key: 'default/p', mode: 'Audit', sessionSeconds: 1800 })
})

/** Milliseconds of processor time of the fastest of some runs: the machine may have other things to do. */
function fastestMs(run: () => void): number {
  const times = [1, 2, 3].map(() => {
    const before = process.threadCpuUsage()
    run()
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1000
  })
  return Math.min(...times)
}

const many: [title: string, place: (i: number) => string][] = [
  ['10,000 applications on hosts of their own', (i) => `a${i}.example.com/x`],
  ['10,000 applications on one host, half of them broken', (i) => `x.example.com/a${i}${i % 2 === 0 ? '' : '//x'}`],
]
for (const [title, place] of many) {
  test(`${title} compile in well below half a second`, () => {
    const raw = [everyone, ...Array.from({ length: 10_000 }, (_, i) => application(`a${i}`, place(i), ['everyone']))]
    const objects = raw.map((one) => readObject(one))
    expect(fastestMs(() => compile(objects, context))).toBeLessThan(350)
    expect(compile(objects, context).policySet.applications.size).toBe(10_000)
  })
}
