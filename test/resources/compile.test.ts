import { describe, expect, test } from 'vitest'
import { audienceOf } from '../../src/resources/applications.ts'
import { compile } from '../../src/resources/compile.ts'
import { readObject } from '../../src/resources/objects.ts'
import {
  answer,
  application,
  compiled,
  conditionsOf,
  context,
  group,
  identity,
  manifest,
  policy,
  provider,
} from './world.ts'

const ada = identity('ada')
const bob = identity('bob')
const onlyAda = policy('only-ada', 'Allow', [{ email: 'ada@example.com' }])
const everyone = policy('everyone', 'Allow', [{ everyone: {} }])
const open = policy('open', 'Bypass', [{ everyone: {} }])
const WELL = 'Accepted ResolvedRefs Programmed'
const app = (policies: string[], more: object = {}) => application('app', 'app.example.com', policies, more)

interface Case {
  title: string
  objects: unknown[]
  /** URL and who, to the answer. */
  answers?: [url: string, who: typeof ada | undefined, expected: string][]
  conditions?: Record<string, string>
  more?: Parameters<typeof compiled>[1]
}

const APP = 'app.example.com/'
const SHUT = 'forbid application-broken'
const APPLICATION = 'AccessApplication default/app'

const cases: Case[] = [
  {
    title: 'lets in whom a policy of the same namespace allows',
    objects: [app(['only-ada']), onlyAda],
    answers: [
      [APP, ada, 'allow policy-allows'],
      [APP, bob, 'forbid no-policy-matches'],
      [APP, undefined, 'challenge login-required'],
    ],
    conditions: { [APPLICATION]: WELL, 'AccessPolicy default/only-ada': WELL },
  },
  {
    title: 'lets nobody in without a policy',
    objects: [app([])],
    answers: [[APP, ada, 'forbid no-policy-matches']],
    conditions: { [APPLICATION]: WELL },
  },
  {
    title: 'asks the policies in the order of the application',
    objects: [app(['no', 'everyone']), everyone, policy('no', 'Deny', [{ email: 'bob@example.com' }])],
    answers: [
      [APP, ada, 'allow policy-allows'],
      [APP, bob, 'forbid policy-denies'],
    ],
  },
  {
    title: 'takes a policy of the system namespace if the reference says so',
    objects: [app(['gatehouse/everyone']), policy('gatehouse/everyone', 'Allow', [{ everyone: {} }])],
    answers: [[APP, ada, 'allow policy-allows']],
  },
  {
    title: 'does not look for a bare name in the system namespace',
    objects: [app(['everyone']), policy('gatehouse/everyone', 'Allow', [{ everyone: {} }])],
    answers: [[APP, ada, SHUT]],
    conditions: { [APPLICATION]: 'Accepted PolicyNotFound NotProgrammed' },
  },
  {
    title: 'refuses a policy of a third namespace, even if it exists',
    objects: [app(['other/everyone']), policy('other/everyone', 'Allow', [{ everyone: {} }])],
    answers: [[APP, ada, SHUT]],
    conditions: { [APPLICATION]: 'Accepted NamespaceNotAllowed NotProgrammed' },
  },
  {
    title: 'shuts an application whose policy is not valid, and no other',
    objects: [
      app(['everyone', 'bad']),
      everyone,
      policy('bad', 'Allow', [{ emial: 'x' }]),
      application('other', 'other.example.com', ['everyone']),
    ],
    answers: [
      [APP, ada, SHUT],
      ['other.example.com/', ada, 'allow policy-allows'],
    ],
    conditions: {
      [APPLICATION]: 'Accepted PolicyBroken NotProgrammed',
      'AccessPolicy default/bad': 'Invalid NotEvaluated NotProgrammed',
      'AccessApplication default/other': WELL,
    },
  },
  {
    title: 'shuts an application that names a provider which does not exist',
    objects: [app(['everyone'], { identityProviders: ['staff', 'gone'] }), everyone, provider('staff')],
    answers: [[APP, ada, SHUT]],
    conditions: { [APPLICATION]: 'Accepted IdentityProviderNotFound NotProgrammed' },
  },
  {
    title: 'keeps an application open whose provider is there and not ready',
    objects: [
      app(['everyone'], { identityProviders: ['staff'] }),
      everyone,
      provider('staff', { clientSecretRef: { name: 'oidc', key: 'secret' } }),
    ],
    more: { secret: () => undefined },
    answers: [[APP, ada, 'allow policy-allows']],
    conditions: {
      [APPLICATION]: 'Accepted IdentityProviderNotReady Programmed',
      'IdentityProvider staff': 'Accepted SecretNotFound NotProgrammed',
    },
  },
  {
    title: 'resolves groups through groups, in both namespaces that a reference may mean',
    objects: [
      app(['team']),
      policy('team', 'Allow', [{ accessGroup: { name: 'outer' } }]),
      group('outer', [{ accessGroup: { name: 'inner', namespace: 'gatehouse' } }]),
      group('gatehouse/inner', [{ email: 'ada@example.com' }]),
    ],
    answers: [
      [APP, ada, 'allow policy-allows'],
      [APP, bob, 'forbid no-policy-matches'],
    ],
    conditions: { 'AccessGroup default/outer': WELL },
  },
  {
    title: 'answers error for a group that does not exist: Allow does not match, Deny does',
    objects: [
      app(['team']),
      policy('team', 'Allow', [{ accessGroup: { name: 'gone' } }]),
      application('no', 'no.example.com', ['no-team', 'everyone']),
      policy('no-team', 'Deny', [{ accessGroup: { name: 'gone' } }]),
      everyone,
    ],
    answers: [
      [APP, ada, 'forbid no-policy-matches'],
      ['no.example.com/', ada, 'forbid policy-denies'],
    ],
    conditions: { 'AccessPolicy default/team': 'Accepted GroupNotFound Programmed', [APPLICATION]: WELL },
  },
  {
    title: 'answers error for groups in a cycle and for those that hang on it, whatever else they hold',
    objects: [
      app(['team']),
      policy('team', 'Allow', [{ accessGroup: { name: 'outside' } }]),
      group('outside', [{ everyone: {} }, { accessGroup: { name: 'a' } }]),
      group('a', [{ everyone: {} }, { accessGroup: { name: 'b' } }]),
      group('b', [{ everyone: {} }, { accessGroup: { name: 'a' } }]),
    ],
    answers: [[APP, ada, 'forbid no-policy-matches']],
    conditions: {
      'AccessGroup default/a': 'Accepted GroupCycle NotProgrammed',
      'AccessGroup default/outside': 'Accepted GroupCycle NotProgrammed',
      'AccessPolicy default/team': 'Accepted GroupCycle Programmed',
    },
  },
  {
    title: 'answers error for a group that refers to none there is, whatever else it holds',
    objects: [
      app(['team']),
      policy('team', 'Allow', [{ accessGroup: { name: 'outer' } }]),
      group('outer', [{ everyone: {} }, { accessGroup: { name: 'gone' } }]),
    ],
    answers: [[APP, ada, 'forbid no-policy-matches']],
    conditions: { 'AccessGroup default/outer': 'Accepted GroupNotFound NotProgrammed' },
  },
  {
    title: 'answers error for a group that is not valid',
    objects: [app(['team']), policy('team', 'Allow', [{ accessGroup: { name: 'bad' } }]), group('bad', [])],
    answers: [[APP, ada, 'forbid no-policy-matches']],
    conditions: { 'AccessPolicy default/team': 'Accepted GroupBroken Programmed' },
  },
  {
    title: 'answers error for groups nested more than 16 deep',
    objects: [
      app(['deep']),
      policy('deep', 'Allow', [{ accessGroup: { name: 'g17' } }]),
      group('g1', [{ everyone: {} }]),
      ...Array.from({ length: 16 }, (_, i) => group(`g${i + 2}`, [{ accessGroup: { name: `g${i + 1}` } }])),
    ],
    answers: [[APP, ada, 'forbid no-policy-matches']],
    conditions: {
      'AccessGroup default/g16': WELL,
      'AccessGroup default/g17': 'Accepted GroupTooLarge NotProgrammed',
    },
  },
  {
    title: 'answers error for groups that multiply',
    objects: [
      group('g1', Array(100).fill({ everyone: {} })),
      group('g2', Array(100).fill({ accessGroup: { name: 'g1' } })),
    ],
    conditions: { 'AccessGroup default/g2': 'Accepted GroupTooLarge NotProgrammed' },
  },
  {
    title: 'lets a Bypass policy use rules that need no identity, through groups too',
    objects: [
      app(['open']),
      policy('open', 'Bypass', [{ accessGroup: { name: 'office' } }]),
      group('office', [{ ip: ['192.0.2.0/24'] }]),
    ],
    answers: [[APP, undefined, 'allow policy-bypasses']],
  },
  ...(['Bypass', 'ServiceAuth'] as const).flatMap((action): Case[] => [
    {
      title: `breaks a ${action} policy with a rule that needs an identity, and shuts its application`,
      objects: [
        app(['bad', 'everyone']),
        everyone,
        policy('bad', action, [{ everyone: {} }], { exclude: [{ email: 'a@b.c' }] }),
      ],
      answers: [[APP, ada, SHUT]],
      conditions: { 'AccessPolicy default/bad': 'IdentityRuleNotAllowed ResolvedRefs NotProgrammed' },
    },
    {
      title: `breaks a ${action} policy that needs an identity through a group`,
      objects: [
        app(['bad', 'everyone']),
        everyone,
        policy('bad', action, [{ accessGroup: { name: 'outer' } }]),
        group('outer', [{ accessGroup: { name: 'people' } }]),
        group('people', [{ emailDomain: 'example.com' }]),
      ],
      answers: [[APP, ada, SHUT]],
    },
    {
      title: `breaks a ${action} policy whose group does not resolve`,
      objects: [app(['bad', 'everyone']), everyone, policy('bad', action, [{ accessGroup: { name: 'gone' } }])],
      answers: [[APP, ada, SHUT]],
      conditions: { 'AccessPolicy default/bad': 'IdentityRuleNotAllowed GroupNotFound NotProgrammed' },
    },
  ]),
  {
    title: 'keeps shut what a broken application was to protect',
    objects: [
      application('whole', 'app.example.com', ['everyone']),
      everyone,
      application('admin', 'app.example.com/admin', ['only-ada'], { polices: [] }),
    ],
    answers: [
      [APP, bob, 'allow policy-allows'],
      ['app.example.com/admin/users', ada, SHUT],
    ],
    conditions: {
      'AccessApplication default/whole': WELL,
      'AccessApplication default/admin': 'Invalid NotEvaluated NotProgrammed',
    },
  },
  {
    title: 'shuts everything that an application with an unreadable path may have been to protect',
    objects: [
      application('whole', 'app.example.com', ['everyone']),
      application('admin', 'app.example.com/admin', ['everyone']),
      everyone,
      application('secret', 'app.example.com/admin//secret', ['only-ada']),
    ],
    answers: [
      [APP, bob, 'allow policy-allows'],
      ['app.example.com/admin/secret', bob, SHUT],
    ],
    conditions: { 'AccessApplication default/admin': 'DestinationTaken ResolvedRefs NotProgrammed' },
  },
  {
    title: 'shuts the host of an application whose path is no text at all',
    objects: [
      application('other', 'app.example.com/other', ['everyone']),
      everyone,
      manifest('AccessApplication', 'app', { destinations: [{ host: 'app.example.com', path: 5 }] }),
    ],
    answers: [
      [APP, bob, SHUT],
      ['app.example.com/other', bob, SHUT],
    ],
    conditions: { 'AccessApplication default/other': 'DestinationShut ResolvedRefs NotProgrammed' },
  },
  ...['HTTPS://App.Example.COM:8443/admin/', 'App.example.com/admin', 'app.example.com./admin/*'].map(
    (host): Case => ({
      title: `keeps shut what ${host} can be read as`,
      objects: [
        application('whole', 'app.example.com', ['everyone']),
        everyone,
        manifest('AccessApplication', 'app', { destinations: { host } }),
      ],
      answers: [
        [APP, bob, 'allow policy-allows'],
        ['app.example.com/admin', bob, SHUT],
      ],
    }),
  ),
  {
    title: 'keeps shut what an object of a misspelt kind or version was to protect',
    objects: [
      application('whole', 'app.example.com', ['everyone']),
      everyone,
      { ...application('a', 'app.example.com/a'), kind: 'AccessAplication' },
      { ...application('b', 'app.example.com/b'), apiVersion: 'access.gatehouse.dev/v1' },
    ],
    answers: [
      ['app.example.com/a', bob, SHUT],
      ['app.example.com/b', bob, SHUT],
    ],
    conditions: { 'AccessAplication default/a': 'Invalid NotEvaluated NotProgrammed' },
  },
  {
    title: 'lets a broken claim win over a sound one at the same destination',
    objects: [
      application('sound', ['app.example.com', 'app.example.com/more'], ['everyone']),
      everyone,
      application('broken', 'app.example.com', ['everyone'], { cookie: 'Lax' }),
    ],
    answers: [
      [APP, ada, SHUT],
      ['app.example.com/more', ada, 'allow policy-allows'],
    ],
    conditions: { 'AccessApplication default/sound': 'DestinationTaken ResolvedRefs PartlyProgrammed' },
  },
  {
    title: 'shuts a destination that two applications of a namespace have, and leaves their others',
    objects: [
      application('one', ['app.example.com/a', 'app.example.com/one'], ['everyone']),
      application('two', ['app.example.com/A', 'app.example.com/two'], ['everyone']),
      everyone,
    ],
    answers: [
      ['app.example.com/one', ada, 'allow policy-allows'],
      ['app.example.com/two', ada, 'allow policy-allows'],
    ],
    conditions: {
      'AccessApplication default/one': 'DestinationTaken ResolvedRefs PartlyProgrammed',
      'AccessApplication default/two': 'DestinationTaken ResolvedRefs PartlyProgrammed',
    },
  },
  {
    title: 'shuts a host that two namespaces claim, at every path',
    objects: [
      application('one/app', 'app.example.com', ['everyone']),
      policy('one/everyone', 'Allow', [{ everyone: {} }]),
      application('two/app', 'app.example.com/two', ['everyone']),
      policy('two/everyone', 'Allow', [{ everyone: {} }]),
      application('one/sound', 'sound.example.com', ['everyone']),
    ],
    answers: [
      [APP, ada, SHUT],
      ['app.example.com/two', ada, SHUT],
      ['sound.example.com/', ada, 'allow policy-allows'],
    ],
    conditions: {
      'AccessApplication one/app': 'HostContested ResolvedRefs NotProgrammed',
      'AccessApplication two/app': 'HostContested ResolvedRefs NotProgrammed',
    },
  },
  {
    title: 'shuts a wildcard and a host under it that two namespaces claim',
    objects: [
      application('one/app', '*.example.com', ['gatehouse/everyone']),
      application('two/app', 'app.example.com', ['gatehouse/everyone']),
      application('two/deep', 'a.b.example.com', ['gatehouse/everyone']),
      policy('gatehouse/everyone', 'Allow', [{ everyone: {} }]),
    ],
    answers: [
      [APP, ada, SHUT],
      ['x.example.com/', ada, SHUT],
      ['a.b.example.com/', ada, 'allow policy-allows'],
    ],
  },
  {
    title: 'gives a host to the namespace that the configuration names, and leaves the other claim out',
    objects: [
      application('one/app', 'app.example.com', ['gatehouse/everyone']),
      application('two/app', ['app.example.com/two', 'two.example.org'], ['gatehouse/everyone']),
      policy('gatehouse/everyone', 'Allow', [{ everyone: {} }]),
    ],
    more: { hostClaims: [{ host: '*.example.com', namespace: 'one' }] },
    answers: [
      ['app.example.com/two', ada, 'allow policy-allows'],
      ['two.example.org/', ada, 'allow policy-allows'],
    ],
    conditions: {
      'AccessApplication one/app': WELL,
      'AccessApplication two/app': 'HostNotGranted ResolvedRefs PartlyProgrammed',
    },
  },
  {
    title: 'refuses a wildcard over a host that the configuration gives to another namespace',
    objects: [
      application('two/app', '*.example.com', ['gatehouse/everyone']),
      policy('gatehouse/everyone', 'Allow', [{ everyone: {} }]),
    ],
    more: { hostClaims: [{ host: 'app.example.com', namespace: 'one' }] },
    answers: [[APP, ada, 'forbid no-application']],
    conditions: { 'AccessApplication two/app': 'HostNotGranted ResolvedRefs NotProgrammed' },
  },
  {
    title: 'does not protect its own host',
    objects: [application('app', ['auth.example.com', 'app.example.com'], ['everyone']), everyone],
    answers: [
      ['auth.example.com/', ada, SHUT],
      [APP, ada, 'allow policy-allows'],
    ],
    conditions: { [APPLICATION]: 'AuthHost ResolvedRefs PartlyProgrammed' },
  },
  {
    title: 'counts none of two objects with one name',
    objects: [
      app(['everyone']),
      everyone,
      policy('everyone', 'Allow', [{ everyone: {} }], { mode: 'Audit' }),
      application('twin', 'one.example.com', []),
      application('twin', 'two.example.com', []),
      application('wild', '*.example.com', ['open']),
      open,
    ],
    answers: [
      [APP, ada, SHUT],
      ['one.example.com/', ada, SHUT],
      ['two.example.com/', ada, SHUT],
      ['three.example.com/', ada, 'allow policy-bypasses'],
    ],
    conditions: {
      'AccessPolicy default/everyone': 'Duplicate NotEvaluated NotProgrammed',
      'AccessApplication default/twin': 'Duplicate NotEvaluated NotProgrammed',
    },
  },
  {
    title: 'offers an http issuer in the development mode alone',
    objects: [provider('staff', { issuer: 'http://localhost:9000' })],
    conditions: { 'IdentityProvider staff': 'DevelopmentOnly ResolvedRefs NotProgrammed' },
  },
]

for (const { title, objects, answers = [], conditions = {}, more } of cases) {
  test(title, () => {
    const catalogue = compiled(objects, more)
    for (const [url, who, expected] of answers) expect([url, answer(catalogue, url, who)]).toEqual([url, expected])
    for (const [label, expected] of Object.entries(conditions)) {
      expect([label, conditionsOf(catalogue, label)]).toEqual([label, expected])
    }
  })
}

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
      identityProviders: undefined,
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

test('10,000 applications compile in well below half a second', () => {
  const objects = [
    everyone,
    ...Array.from({ length: 10_000 }, (_, i) => application(`a${i}`, `a${i}.example.com/x`, ['everyone'])),
  ]
  const read = objects.map((one) => readObject(one))
  const start = performance.now()
  const { policySet } = compile(read, context)
  const elapsedMs = performance.now() - start
  expect(policySet.applications.size).toBe(10_000)
  expect(elapsedMs).toBeLessThan(500)
})

test('10,000 claims on one host compile as fast, broken or not', () => {
  const objects = Array.from({ length: 10_000 }, (_, i) =>
    application(`a${i}`, i % 2 === 0 ? `x.example.com/a${i}` : `x.example.com/b${i}//x`, []),
  )
  const read = objects.map((one) => readObject(one))
  const start = performance.now()
  compile(read, context)
  expect(performance.now() - start).toBeLessThan(500)
})
