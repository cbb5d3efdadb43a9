import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import { explain } from '../../src/policy/explain.ts'
import {
  constantRules,
  NOW,
  OUTCOMES,
  ruleOf,
  sampleApplication,
  sampleIdentity,
  samplePolicy,
  sampleRequest,
} from './sample.ts'

describe('explain', () => {
  test('keeps the verdict of every rule of every policy asked, in the order asked', () => {
    const application = sampleApplication({
      policies: [
        samplePolicy({
          key: 'team/engineers',
          rules: {
            include: [ruleOf('email', 'bob@example.com'), ruleOf('emailDomain', 'example.com')],
            require: [ruleOf('claim', { name: 'department', value: 'research' })],
            exclude: [ruleOf('method', ['DELETE'])],
          },
        }),
        samplePolicy({
          key: 'team/office',
          action: 'Bypass',
          rules: { ...constantRules({}), include: [ruleOf('ip', ['10.0.0.0/8'])] },
        }),
      ],
    })
    const explanation = explain(application, sampleRequest(), sampleIdentity(), NOW)
    expect(explanation.decision.reason).toBe('no-policy-matches')
    expect(explanation.policies).toEqual([
      {
        key: 'team/office',
        action: 'Bypass',
        mode: 'Enforce',
        verdict: { outcome: 'fails' },
        rules: [{ list: 'include', kind: 'ip', setting: ['10.0.0.0/8'], verdict: { outcome: 'fails' } }],
      },
      {
        key: 'team/engineers',
        action: 'Allow',
        mode: 'Enforce',
        verdict: { outcome: 'error', canFail: false, reason: 'claim-missing' },
        rules: [
          {
            list: 'require',
            kind: 'claim',
            setting: { name: 'department', value: 'research' },
            verdict: { outcome: 'error', canFail: false, reason: 'claim-missing' },
          },
          { list: 'exclude', kind: 'method', setting: ['DELETE'], verdict: { outcome: 'fails' } },
          { list: 'include', kind: 'email', setting: 'bob@example.com', verdict: { outcome: 'fails' } },
          { list: 'include', kind: 'emailDomain', setting: 'example.com', verdict: { outcome: 'holds' } },
        ],
      },
    ])
  })

  test('asks no policy after the one that decides', () => {
    const policies = [samplePolicy({ key: 'team/first' }), samplePolicy({ key: 'team/second' })]
    const { policies: asked } = explain(sampleApplication({ policies }), sampleRequest(), sampleIdentity(), NOW)
    expect(asked.map(({ key }) => key)).toEqual(['team/first'])
  })

  test('has nothing to tell of the policies of a broken application', () => {
    const application = sampleApplication({ isBroken: true, policies: [samplePolicy()] })
    const { decision, policies } = explain(application, sampleRequest(), sampleIdentity(), NOW)
    expect(decision.reason).toBe('application-broken')
    expect(policies).toEqual([])
  })

  test('decides exactly as decide does and hears of every rule', () => {
    fc.assert(
      fc.property(someApplications, fc.boolean(), (application, isSignedIn) => {
        const identity = isSignedIn ? sampleIdentity() : undefined
        const { decision, policies } = explain(application, sampleRequest(), identity, NOW)
        expect(decision).toEqual(decide(application, sampleRequest(), identity, NOW))
        for (const { key, rules } of policies) {
          const asked = application.policies.find((policy) => policy.key === key)?.rules
          expect(rules.length).toBe([asked?.include, asked?.require, asked?.exclude].flat().length)
          for (const { setting, verdict } of rules) expect(verdict.outcome).toBe(setting)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

const someOutcomes = fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 3 })
const someApplications = fc
  .array(
    fc.record({
      action: fc.constantFrom('Allow' as const, 'Deny' as const, 'Bypass' as const, 'ServiceAuth' as const),
      mode: fc.constantFrom('Enforce' as const, 'Audit' as const),
      rules: fc.record({ include: someOutcomes, require: someOutcomes, exclude: someOutcomes }).map(constantRules),
    }),
    { maxLength: 4 },
  )
  .map((parts) =>
    sampleApplication({ policies: parts.map((part, index) => samplePolicy({ key: `team/${index}`, ...part })) }),
  )
