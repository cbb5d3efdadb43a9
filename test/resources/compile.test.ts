import { APP, APPLICATION, ada, app, bob, type Case, everyone, onlyAda, open, runCases, SHUT, WELL } from './cases.ts'
import { application, group, identity, policy, provider } from './world.ts'

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
    title: 'admits nobody who signed in with a provider that is gone',
    objects: [app(['everyone']), everyone, provider('other')],
    answers: [
      [APP, ada, 'forbid provider-not-admitted'],
      [APP, identity('ada', { provider: 'other' }), 'allow policy-allows'],
    ],
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
    title: 'breaks a ServiceAuth policy that no machine’s credential has a part in, since it would open to everybody',
    objects: [app(['machines', 'everyone']), everyone, policy('machines', 'ServiceAuth', [{ ip: ['192.0.2.0/24'] }])],
    answers: [[APP, ada, SHUT]],
    conditions: { 'AccessPolicy default/machines': 'MachineRuleMissing ResolvedRefs NotProgrammed' },
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

runCases(cases)
