import { APP, APPLICATION, ada, bob, type Case, everyone, runCases, SHUT, WELL } from './cases.ts'
import { application, manifest, policy } from './world.ts'

const cases: Case[] = [
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
    more: { hostClaims: [{ host: '*.example.com', namespace: 'one', origin: 'Configured' }] },
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
    more: { hostClaims: [{ host: 'app.example.com', namespace: 'one', origin: 'Configured' }] },
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
]

runCases(cases)
