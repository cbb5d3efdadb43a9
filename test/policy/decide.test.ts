import { describe, expect, test } from 'vitest'
import type { Application } from '../../src/policy/application.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Decision } from '../../src/policy/decision.ts'
import type { Policy, PolicyAction } from '../../src/policy/policy.ts'
import {
  constantRules,
  NOW,
  type Outcome,
  type Outcomes,
  ruleOf,
  sampleApplication,
  sampleIdentity,
  samplePolicy,
  sampleRequest,
} from './sample.ts'

const ADA = sampleIdentity()
const REQUEST = sampleRequest()

type Who = 'nobody' | 'ada'

function decided(policies: readonly Policy[], who: Who, application: Partial<Application> = {}): Decision {
  return decide(sampleApplication({ policies, ...application }), REQUEST, who === 'ada' ? ADA : undefined, NOW)
}

function inWords({ outcome, reason, policy }: Decision): string {
  return [outcome, reason, policy?.replace('team/', '')].filter((word) => word !== undefined).join(' ')
}

/** A policy named for itself, whose one include comes out like this. */
function policy(
  action: PolicyAction,
  include: Outcome,
  more: Omit<Outcomes, 'include'> = {},
  name: string = action,
): Policy {
  return samplePolicy({ key: `team/${name}`, action, rules: constantRules({ include: [include], ...more }) })
}

function audited(one: Policy): Policy {
  return samplePolicy({ ...one, mode: 'Audit' })
}

describe('one policy', () => {
  const table: readonly [PolicyAction, Outcome, nobody: string, ada: string][] = [
    ['Allow', 'holds', 'challenge login-required', 'allow policy-allows Allow'],
    ['Allow', 'fails', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['Allow', 'unknown', 'challenge login-required', 'forbid no-policy-matches'],
    ['Allow', 'error', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['Deny', 'holds', 'forbid policy-denies Deny', 'forbid policy-denies Deny'],
    ['Deny', 'fails', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['Deny', 'unknown', 'forbid login-would-not-help', 'forbid policy-denies Deny'],
    ['Deny', 'error', 'forbid policy-denies Deny', 'forbid policy-denies Deny'],
    ['Bypass', 'holds', 'allow policy-bypasses Bypass', 'allow policy-bypasses Bypass'],
    ['Bypass', 'fails', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['Bypass', 'unknown', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['Bypass', 'error', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['ServiceAuth', 'holds', 'allow service-auth ServiceAuth', 'allow service-auth ServiceAuth'],
    ['ServiceAuth', 'fails', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['ServiceAuth', 'unknown', 'forbid login-would-not-help', 'forbid no-policy-matches'],
    ['ServiceAuth', 'error', 'forbid login-would-not-help', 'forbid no-policy-matches'],
  ]

  test.each(table)('%s whose rules come out as %s: nobody gets %s, Ada gets %s', (action, outcome, nobody, ada) => {
    expect(inWords(decided([policy(action, outcome)], 'nobody'))).toBe(nobody)
    expect(inWords(decided([policy(action, outcome)], 'ada'))).toBe(ada)
  })
})

describe('several policies', () => {
  const table: readonly [title: string, policies: readonly Policy[], nobody: string, ada: string][] = [
    ['no policy is a no', [], 'forbid login-would-not-help', 'forbid no-policy-matches'],
    [
      'Bypass comes before an earlier Deny',
      [policy('Deny', 'holds'), policy('Bypass', 'holds')],
      'allow policy-bypasses Bypass',
      'allow policy-bypasses Bypass',
    ],
    [
      'ServiceAuth comes before an earlier Allow and Deny',
      [policy('Allow', 'holds'), policy('Deny', 'holds'), policy('ServiceAuth', 'holds')],
      'allow service-auth ServiceAuth',
      'allow service-auth ServiceAuth',
    ],
    [
      'Bypass and ServiceAuth keep their own order',
      [policy('ServiceAuth', 'fails'), policy('Bypass', 'holds'), policy('ServiceAuth', 'holds')],
      'allow policy-bypasses Bypass',
      'allow policy-bypasses Bypass',
    ],
    [
      'the first of Allow and Deny decides: Allow',
      [policy('Allow', 'holds'), policy('Deny', 'holds')],
      'challenge login-required',
      'allow policy-allows Allow',
    ],
    [
      'the first of Allow and Deny decides: Deny',
      [policy('Deny', 'holds'), policy('Allow', 'holds')],
      'forbid policy-denies Deny',
      'forbid policy-denies Deny',
    ],
    [
      'a policy that does not match leaves it to the next',
      [policy('Deny', 'fails'), policy('Allow', 'error'), policy('Allow', 'holds', {}, 'second')],
      'challenge login-required',
      'allow policy-allows second',
    ],
    [
      'a Deny in error shuts what comes after it',
      [policy('Deny', 'error'), policy('Allow', 'holds')],
      'forbid policy-denies Deny',
      'forbid policy-denies Deny',
    ],
    [
      'a Deny that nobody can tell about yet does not stand in the way of a login',
      [policy('Deny', 'unknown'), policy('Allow', 'holds')],
      'challenge login-required',
      'forbid policy-denies Deny',
    ],
    [
      'a Deny in error that a login may lift does not stand in the way of a login',
      [policy('Deny', 'error', { exclude: ['unknown'] }), policy('Allow', 'holds')],
      'challenge login-required',
      'forbid policy-denies Deny',
    ],
    [
      'a Deny that matches whoever signs in spares everybody the login',
      [
        samplePolicy({ key: 'team/Deny', action: 'Deny', rules: constantRules({ include: ['unknown', 'error'] }) }),
        policy('Allow', 'holds'),
      ],
      'forbid policy-denies Deny',
      'forbid policy-denies Deny',
    ],
    [
      'an Allow that can hold for nobody spares everybody the login',
      [
        policy('Allow', 'unknown', { require: ['fails'] }),
        policy('Allow', 'unknown', { exclude: ['holds'] }, 'second'),
      ],
      'forbid login-would-not-help',
      'forbid no-policy-matches',
    ],
    [
      'one Allow that can hold is enough for a login',
      [policy('Allow', 'fails'), policy('Allow', 'unknown', {}, 'second')],
      'challenge login-required',
      'forbid no-policy-matches',
    ],
  ]

  test.each(table)('%s', (_, policies, nobody, ada) => {
    expect(inWords(decided(policies, 'nobody'))).toBe(nobody)
    expect(inWords(decided(policies, 'ada'))).toBe(ada)
  })
})

describe('errors', () => {
  test('are listed with the policies that they befell, whoever decides', () => {
    const policies = [policy('Allow', 'error'), policy('Allow', 'holds', {}, 'second')]
    const decision = decided(policies, 'ada')
    expect(inWords(decision)).toBe('allow policy-allows second')
    expect(decision.errors).toEqual([{ policy: 'team/Allow', reason: 'claim-missing' }])
  })

  test('are listed with a Deny that matches because of one', () => {
    expect(decided([policy('Deny', 'error')], 'ada').errors).toEqual([{ policy: 'team/Deny', reason: 'claim-missing' }])
  })

  test('are not listed where they settle nothing', () => {
    expect(decided([policy('Allow', 'error', { require: ['fails'] })], 'ada').errors).toEqual([])
  })

  test('leave the decision of the policy itself as it was made', () => {
    const second = policy('Allow', 'holds', {}, 'second')
    decided([policy('Allow', 'error'), second], 'ada')
    expect(second.decided.errors).toEqual([])
  })
})

describe('audit mode', () => {
  test.each<[PolicyAction, Outcome, 'allow' | 'deny' | 'nothing']>([
    ['Allow', 'holds', 'allow'],
    ['Allow', 'fails', 'nothing'],
    ['Allow', 'error', 'nothing'],
    ['Deny', 'holds', 'deny'],
    ['Deny', 'error', 'deny'],
    ['Deny', 'fails', 'nothing'],
    ['Bypass', 'holds', 'allow'],
    ['Bypass', 'error', 'nothing'],
    ['ServiceAuth', 'holds', 'allow'],
  ])('%s whose rules come out as %s would have done: %s', (action, outcome, wouldHave) => {
    const decision = decided([audited(policy(action, outcome)), policy('Allow', 'holds', {}, 'enforced')], 'ada')
    expect(inWords(decision)).toBe('allow policy-allows enforced')
    expect(decision.audits).toEqual(wouldHave === 'nothing' ? [] : [{ policy: `team/${action}`, wouldHave }])
  })

  test('asks nobody to sign in', () => {
    expect(inWords(decided([audited(policy('Allow', 'unknown'))], 'nobody'))).toBe('forbid login-would-not-help')
  })
})

describe('an application', () => {
  test('that is broken lets nobody in, not even past a Bypass', () => {
    for (const who of ['nobody', 'ada'] as const) {
      expect(inWords(decided([policy('Bypass', 'holds')], who, { isBroken: true }))).toBe('forbid application-broken')
    }
  })

  test('admits only the providers that it names, except past a Bypass', () => {
    const allow = [policy('Allow', 'holds')]
    expect(inWords(decided(allow, 'ada', { identityProviders: ['other'] }))).toBe('forbid provider-not-admitted')
    expect(inWords(decided(allow, 'ada', { identityProviders: ['other', 'corporate'] }))).toBe(
      'allow policy-allows Allow',
    )
    expect(inWords(decided(allow, 'nobody', { identityProviders: ['other'] }))).toBe('challenge login-required')
    expect(inWords(decided([policy('Bypass', 'holds')], 'ada', { identityProviders: ['other'] }))).toBe(
      'allow policy-bypasses Bypass',
    )
  })
})

describe('real rules', () => {
  const policies = [
    samplePolicy({
      key: 'team/engineers',
      rules: {
        include: [ruleOf('emailDomain', 'example.com')],
        require: [ruleOf('group', { name: 'engineering' }), ruleOf('ip', ['192.0.2.0/24'])],
        exclude: [ruleOf('email', 'eve@example.com')],
      },
    }),
  ]

  function outcomeFor(
    request: Parameters<typeof sampleRequest>[0],
    identity: Parameters<typeof sampleIdentity>[0] | 'nobody',
  ) {
    const who = identity === 'nobody' ? undefined : sampleIdentity(identity)
    return inWords(decide(sampleApplication({ policies }), sampleRequest(request), who, NOW))
  }

  test('decide together', () => {
    expect(outcomeFor({}, {})).toBe('allow policy-allows engineers')
    expect(outcomeFor({}, { groups: ['sales'] })).toBe('forbid no-policy-matches')
    expect(outcomeFor({}, { email: 'eve@example.com' })).toBe('forbid no-policy-matches')
    expect(outcomeFor({}, { emailVerified: false })).toBe('forbid no-policy-matches')
    expect(outcomeFor({}, 'nobody')).toBe('challenge login-required')
    expect(outcomeFor({ clientAddress: '198.51.100.1' }, 'nobody')).toBe('forbid login-would-not-help')
    expect(outcomeFor({ clientAddress: undefined }, 'nobody')).toBe('forbid login-would-not-help')
  })
})
