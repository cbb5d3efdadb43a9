import { expect, test } from 'vitest'
import { foreignKind, objectLabel, readObject } from '../../src/resources/objects.ts'
import { problemText } from '../../src/resources/problem.ts'
import { application, group, manifest, policy, provider } from './world.ts'

const problemsIn = (raw: unknown) => readObject(raw).problems.map(problemText).sort()

const cases: [title: string, raw: unknown, problems: string[]][] = [
  ['takes a whole application', application('a', 'a.example.com/x', ['p']), []],
  ['takes what the API server adds', { ...application('a', 'a.example.com'), status: { any: 1 } }, []],
  ['refuses what is no object', 'text', ['found "text", expected an object']],
  [
    'refuses a kind that there is not',
    manifest('AccessThing', 'a', {}),
    ['kind: found "AccessThing", expected one of AccessApplication, AccessPolicy, AccessGroup, IdentityProvider'],
  ],
  [
    'refuses another version',
    { ...group('a', [{ everyone: {} }]), apiVersion: 'access.gatehouse.dev/v2' },
    ['apiVersion: found "access.gatehouse.dev/v2", expected access.gatehouse.dev/v1alpha1'],
  ],
  [
    'finds all problems at once',
    manifest('AccessPolicy', 'Bad Name', { action: 'Alow', include: [{ emial: 'x' }, { email: 'x' }, {}], mode: 1 }),
    [
      'metadata.name: found "Bad Name", expected a name of a-z, 0-9, - and ., such as grafana-admins',
      'spec.action: found "Alow", expected one of Allow, Deny, Bypass, ServiceAuth',
      'spec.include[0].emial: found an unknown field, expected one of everyone, email, emails, emailDomain, group, claim, identityProvider, ip, method, accessGroup',
      'spec.include[1].email: found "x", expected one email address, such as ada@example.com',
      'spec.include[2]: found an empty object, expected exactly one kind of rule',
      'spec.mode: found 1, expected one of Enforce, Audit',
    ],
  ],
  [
    'refuses two kinds in one rule, whatever else is wrong with them',
    policy('a', 'Allow', [{ email: 5, everyone: {} }]),
    [
      'spec.include[0].email: found 5, expected a text',
      'spec.include[0]: found an object with email, everyone, expected exactly one kind of rule',
    ],
  ],
  [
    'refuses a policy without include',
    policy('a', 'Allow', []),
    ['spec.include: found an empty list, expected at least 1 entries'],
  ],
  [
    'refuses a field that is missing',
    manifest('AccessApplication', 'a', {}),
    ['spec.destinations: found nothing, expected a list'],
  ],
  [
    'refuses a misspelt namespace',
    { ...group('a', [{ everyone: {} }]), metadata: { name: 'a', namspace: 'b' } },
    ['metadata.namspace: found an unknown field, expected one of name, namespace, labels, annotations'],
  ],
  [
    'refuses the same destination twice',
    application('a', ['a.example.com/x', 'a.example.com/X']),
    [
      'spec.destinations: found a list of 2, expected each destination once; letter case and a slash at the end make no other one',
    ],
  ],
  [
    'refuses a namespace of a provider',
    manifest('IdentityProvider', 'default/staff', {
      type: 'OIDC',
      oidc: { issuer: 'https://a.example.com', clientID: 'a' },
    }),
    ['metadata.namespace: found an unknown field, expected one of name, labels, annotations'],
  ],
  [
    'refuses a secret in plain text without repeating it',
    provider('staff', { clientSecret: 'hunter2' }),
    [
      'spec.oidc.clientSecret: found an unknown field, expected one of issuer, clientID, clientSecretRef, tokenEndpointAuthMethod, scopes, claims, trustEmail, responseMode, switchAccountPrompt, consentPrompt, authorizationParameters, requestUserinfo',
    ],
  ],
  [
    'refuses a key named __proto__',
    JSON.parse(
      '{"apiVersion":"access.gatehouse.dev/v1alpha1","kind":"AccessGroup","metadata":{"name":"a"},"spec":{"include":[{"everyone":{}}],"__proto__":{"x":1}}}',
    ),
    ['spec.__proto__: found an unknown field, expected one of include, require, exclude'],
  ],
]

for (const [title, raw, problems] of cases) test(title, () => expect(problemsIn(raw)).toEqual(problems))

const hosts: [host: string, isSound: boolean][] = [
  ['app.example.com', true],
  ['*.example.com', true],
  ['*.localhost', true],
  ['App.example.com', false],
  ['app.example.com:8443', false],
  ['https://app.example.com', false],
  ['app.example.com.', false],
  ['*.com', false],
  ['a.*.example.com', false],
  ['*', false],
  ['', false],
]
for (const [host, isSound] of hosts) {
  test(`${isSound ? 'takes' : 'refuses'} the host ${JSON.stringify(host)}`, () => {
    expect(problemsIn(manifest('AccessApplication', 'a', { destinations: [{ host }] })).length === 0).toBe(isSound)
  })
}

const paths: [path: string, isSound: boolean][] = [
  ['/', true],
  ['/admin', true],
  ['/a/b.c~d', true],
  ['/admin/', false],
  ['admin', false],
  ['/admin?x=1', false],
  ['/admin/*', false],
  ['/a//b', false],
  ['/a/../b', false],
  ['/a;b', false],
  ['/%61', false],
  ['', false],
]
for (const [path, isSound] of paths) {
  test(`${isSound ? 'takes' : 'refuses'} the path ${JSON.stringify(path)}`, () => {
    expect(
      problemsIn(manifest('AccessApplication', 'a', { destinations: [{ host: 'a.example.com', path }] })).length === 0,
    ).toBe(isSound)
  })
}

const durations: [text: string, isSound: boolean][] = [
  ['24h', true],
  ['30m', true],
  ['1h30m', true],
  ['90s', true],
  ['8760h', true],
  ['30s', false],
  ['0h', false],
  ['9000h', false],
  ['1d', false],
  ['1.5h', false],
  ['h', false],
  ['', false],
  ['30m1h', false],
]
for (const [duration, isSound] of durations) {
  test(`${isSound ? 'takes' : 'refuses'} the duration ${JSON.stringify(duration)}`, () => {
    expect(problemsIn(policy('a', 'Allow', [{ everyone: {} }], { session: { duration } })).length === 0).toBe(isSound)
  })
}

test('an object without a namespace lives in default', () => {
  expect(objectLabel(readObject(application('a', 'a.example.com')))).toBe('AccessApplication default/a')
  expect(objectLabel(readObject(provider('staff')))).toBe('IdentityProvider staff')
})

test('an object of another group is named and left alone', () => {
  expect(foreignKind({ apiVersion: 'v1', kind: 'ConfigMap' })).toBe('ConfigMap of v1')
  expect(foreignKind({ apiVersion: 'access.gatehouse.dev/v9', kind: 'X' })).toBeUndefined()
  expect(foreignKind({ kind: 'AccessPolicy' })).toBeUndefined()
})

test('an object of one of our kinds is ours whatever its group, and not valid in another', () => {
  for (const kind of ['AccessApplication', 'AccessPolicy', 'AccessGroup', 'IdentityProvider']) {
    expect(foreignKind({ apiVersion: 'access.gatehouse.dv/v1alpha1', kind })).toBeUndefined()
  }
  const raw = { ...application('a', 'a.example.com'), apiVersion: 'v1' }
  expect(problemsIn(raw)).toEqual(['apiVersion: found "v1", expected access.gatehouse.dev/v1alpha1'])
})
