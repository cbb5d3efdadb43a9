import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import type { Decision } from '../../src/policy/decision.ts'
import type { Policy, PolicyAction, PolicyMode } from '../../src/policy/policy.ts'
import type { Rule } from '../../src/policy/rule.ts'
import type { RuleList } from '../../src/policy/rule-set.ts'
import {
  constantRules,
  NOW,
  OUTCOMES,
  type Outcome,
  sampleApplication,
  sampleIdentity,
  samplePolicy,
  sampleRequest,
  verdictNamed,
} from './sample.ts'

/** Promises about every set of policies there is: exhaustive where the sets are small, generated where they are not. */

const REQUEST = sampleRequest()
const ADA = sampleIdentity()
const SETTLED = ['holds', 'fails', 'error'] as const

interface Sketch {
  readonly action: PolicyAction
  readonly mode: PolicyMode
  readonly include: readonly Outcome[]
  readonly require: readonly Outcome[]
  readonly exclude: readonly Outcome[]
}

function drawn(sketches: readonly Sketch[]): Policy[] {
  return sketches.map((sketch, index) =>
    samplePolicy({ key: `team/${index}`, action: sketch.action, mode: sketch.mode, rules: constantRules(sketch) }),
  )
}

function decided(policies: readonly Policy[], isSignedIn: boolean): Decision {
  return decide(sampleApplication({ policies }), REQUEST, isSignedIn ? ADA : undefined, NOW)
}

describe('before a login', () => {
  test('a challenge means that some login leads in, a refusal that none does, an allow that all do', () => {
    const rich = sketches(['holds', 'fails', 'unknown', 'error'], 2)
    const plain = sketches(['holds', 'fails', 'unknown', 'error'], 1)
    const found: string[] = []
    for (const one of rich) {
      for (const two of plain) {
        for (const [first, second] of [
          ['Deny', 'Allow'],
          ['Allow', 'Deny'],
        ] as const) {
          const problem = judged([
            { ...one, action: first, mode: 'Enforce' },
            { ...two, action: second, mode: 'Enforce' },
          ])
          if (problem !== undefined) found.push(problem)
        }
      }
    }
    expect(found.slice(0, 10)).toEqual([])
  })

  test('so too with any policies, Bypass and audited ones among them', () => {
    fc.assert(
      fc.property(fc.array(anySketch, { maxLength: 4 }), (generated) => {
        const sketched = generated.map((sketch) => (needsNoLogin(sketch) ? withoutUnknowns(sketch) : sketch))
        fc.pre(sketched.flatMap(outcomesOf).filter((outcome) => outcome === 'unknown').length <= 6)
        expect(judged(sketched)).toBeUndefined()
      }),
      { numRuns: 1500 },
    )
  })
})

/** Plays every login through and says where the decision before it promised something else. */
function judged(sketched: readonly Sketch[]): string | undefined {
  const unknowns: { settled: Outcome }[] = []
  const policies = drawn(sketched).map((policy) => ({ ...policy, rules: withOpenRules(policy.rules, unknowns) }))
  const before = decided(policies, false).outcome
  const after = outcomesOfLogins(policies, unknowns)
  const isKept =
    before === 'allow' ? !after.has('forbid') : before === 'challenge' ? after.has('allow') : !after.has('allow')
  return isKept ? undefined : `${before} before, ${[...after]} after: ${JSON.stringify(sketched)}`
}

/** Replaces each unknown rule by one that answers unknown to nobody and what is settled to everybody else. */
function withOpenRules(rules: Policy['rules'], unknowns: { settled: Outcome }[]): Policy['rules'] {
  const open = (rule: Rule): Rule => {
    if (rule.setting !== 'unknown') return rule
    const unknown = { settled: 'error' as Outcome }
    unknowns.push(unknown)
    return { ...rule, test: ({ identity }) => verdictNamed(identity === undefined ? 'unknown' : unknown.settled) }
  }
  return { include: rules.include.map(open), require: rules.require.map(open), exclude: rules.exclude.map(open) }
}

function outcomesOfLogins(policies: readonly Policy[], unknowns: readonly { settled: Outcome }[]): Set<string> {
  const outcomes = new Set<string>()
  for (let login = 0; login < SETTLED.length ** unknowns.length; login++) {
    let rest = login
    for (const unknown of unknowns) {
      unknown.settled = SETTLED[rest % SETTLED.length]!
      rest = Math.floor(rest / SETTLED.length)
    }
    outcomes.add(decided(policies, true).outcome)
    if (outcomes.size === 2) break
  }
  return outcomes
}

/** Every sketch with one include or up to `most`, and at most one require and one exclude. */
function sketches(outcomes: readonly Outcome[], most: 1 | 2): Omit<Sketch, 'action' | 'mode'>[] {
  const none: Outcome[] = []
  const ones = outcomes.map((outcome) => [outcome])
  const twos = ones.flatMap(([first]) => outcomes.map((second) => [first!, second]))
  const includes = most === 1 ? ones : [...ones, ...twos]
  const optional = [none, ...ones]
  return includes.flatMap((include) =>
    optional.flatMap((require) => optional.map((exclude) => ({ include, require, exclude }))),
  )
}

describe('any set of policies', () => {
  test('opens no further when a verdict turns into an error', () => {
    fc.assert(
      fc.property(someSketches, fc.nat(), fc.boolean(), (sketched, at, isSignedIn) => {
        const before = decided(drawn(sketched), isSignedIn).outcome
        const after = decided(drawn(spoilt(sketched, at)), isSignedIn).outcome
        if (before !== 'allow') expect(after).not.toBe('allow')
      }),
      { numRuns: 5000 },
    )
  })

  test('opens no further when a Deny is put in front', () => {
    fc.assert(
      fc.property(someSketches, anySketch, fc.boolean(), (sketched, extra, isSignedIn) => {
        const before = decided(drawn(sketched), isSignedIn).outcome
        const after = decided(drawn([{ ...extra, action: 'Deny' }, ...sketched]), isSignedIn).outcome
        if (before !== 'allow') expect(after).not.toBe('allow')
        if (before === 'forbid') expect(after).toBe('forbid')
      }),
      { numRuns: 5000 },
    )
  })

  test('lets nobody in by an Allow without an identity', () => {
    fc.assert(
      fc.property(someSketches, (sketched) => {
        const { outcome, reason, policy } = decided(drawn(sketched), false)
        if (outcome !== 'allow') return
        expect(['policy-bypasses', 'service-auth']).toContain(reason)
        expect(['Bypass', 'ServiceAuth']).toContain(sketched[Number(policy?.replace('team/', ''))]?.action)
      }),
      { numRuns: 5000 },
    )
  })

  test('decides the same with or without its audited policies', () => {
    fc.assert(
      fc.property(someSketches, fc.boolean(), (sketched, isSignedIn) => {
        const all = drawn(sketched)
        const enforced = all.filter(({ mode }) => mode === 'Enforce')
        const { outcome, reason, policy } = decided(all, isSignedIn)
        expect({ outcome, reason, policy }).toEqual(pickedOf(decided(enforced, isSignedIn)))
      }),
      { numRuns: 5000 },
    )
  })

  test('never sends somebody who is signed in to log in again', () => {
    fc.assert(
      fc.property(someSketches, (sketched) => {
        expect(decided(drawn(sketched), true).outcome).not.toBe('challenge')
      }),
      { numRuns: 5000 },
    )
  })

  test('decides as it did before, and changes nothing that it is given', () => {
    fc.assert(
      fc.property(someSketches, fc.boolean(), (sketched, isSignedIn) => {
        const policies = drawn(sketched)
        const before = JSON.stringify(policies)
        const first = decided(policies, isSignedIn)
        expect(decided(policies, isSignedIn)).toEqual(first)
        expect(JSON.stringify(policies)).toBe(before)
      }),
    )
  })
})

function pickedOf({ outcome, reason, policy }: Decision): Pick<Decision, 'outcome' | 'reason' | 'policy'> {
  return { outcome, reason, policy }
}

function needsNoLogin({ action }: Sketch): boolean {
  return action === 'Bypass' || action === 'ServiceAuth'
}

/** Bypass and ServiceAuth have only rules that need no identity, and such rules are never unknown. */
function withoutUnknowns(sketch: Sketch): Sketch {
  return mapOutcomes(sketch, (outcome) => (outcome === 'unknown' ? 'fails' : outcome))
}

function outcomesOf({ include, require, exclude }: Sketch): Outcome[] {
  return [...include, ...require, ...exclude]
}

/** The same, but the verdict that the number points at is an error. */
function spoilt(sketched: readonly Sketch[], at: number): Sketch[] {
  const total = sketched.flatMap(outcomesOf).length
  let left = total === 0 ? -1 : at % total
  return sketched.map((sketch) => mapOutcomes(sketch, (outcome) => (left-- === 0 ? 'error' : outcome)))
}

function mapOutcomes(sketch: Sketch, change: (outcome: Outcome) => Outcome): Sketch {
  const mapped = (list: RuleList) => sketch[list].map(change)
  return { ...sketch, include: mapped('include'), require: mapped('require'), exclude: mapped('exclude') }
}

const someOutcomes = fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 2 })
const anySketch: fc.Arbitrary<Sketch> = fc.record({
  action: fc.constantFrom('Allow', 'Deny', 'Bypass', 'ServiceAuth'),
  mode: fc.constantFrom('Enforce', 'Enforce', 'Audit'),
  include: fc.array(fc.constantFrom(...OUTCOMES), { minLength: 1, maxLength: 2 }),
  require: someOutcomes,
  exclude: someOutcomes,
})
const someSketches = fc.array(anySketch, { maxLength: 5 })
