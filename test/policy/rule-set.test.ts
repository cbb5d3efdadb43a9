import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../src/policy/rule.ts'
import { type RuleList, verdictOf } from '../../src/policy/rule-set.ts'
import { constantRules, NOW, OUTCOMES, type Outcome, type Outcomes, sampleRequest } from './sample.ts'

const INPUT = { request: sampleRequest(), identity: undefined, now: NOW }

/** What a rule or a set comes to once somebody has signed in. */
type Settled = 'holds' | 'fails' | 'error'

const AFTER_LOGIN: Readonly<Record<Outcome, readonly Settled[]>> = {
  holds: ['holds'],
  fails: ['fails'],
  error: ['error'],
  unknown: ['holds', 'fails', 'error'],
}

/** Every list of up to three outcomes. */
const LISTS: readonly (readonly Outcome[])[] = [0, 1, 2, 3].flatMap((length) => listsOf(length))

function listsOf(length: number): Outcome[][] {
  return length === 0 ? [[]] : listsOf(length - 1).flatMap((rest) => OUTCOMES.map((outcome) => [...rest, outcome]))
}

/** Every way in which a list may settle. */
function settlings(list: readonly Outcome[]): Settled[][] {
  return list.reduce<Settled[][]>(
    (before, outcome) => before.flatMap((rest) => AFTER_LOGIN[outcome].map((settled) => [...rest, settled])),
    [[]],
  )
}

/** The documented meaning for settled rules: what settles the question wins over errors, an error over the rest. */
function atLeastOne(list: readonly Settled[]): Settled {
  if (list.includes('holds')) return 'holds'
  return list.includes('error') ? 'error' : 'fails'
}

function everyOne(list: readonly Settled[]): Settled {
  if (list.includes('fails')) return 'fails'
  return list.includes('error') ? 'error' : 'holds'
}

function notOne(list: readonly Settled[]): Settled {
  const one = atLeastOne(list)
  if (one === 'error') return 'error'
  return one === 'holds' ? 'fails' : 'holds'
}

/** What a list can settle to, by what it is read as. */
const POSSIBLE = LISTS.map((list) => ({
  list,
  rules: constantRules({ include: list }).include,
  include: new Set(settlings(list).map(atLeastOne)),
  require: new Set(settlings(list).map(everyOne)),
  exclude: new Set(settlings(list).map(notOne)),
}))

function triples<Item>(items: Iterable<Item>): Generator<[Item, Item, Item]> {
  return triplesOf(items, items, items)
}

function* triplesOf<Item>(
  first: Iterable<Item>,
  second: Iterable<Item>,
  third: Iterable<Item>,
): Generator<[Item, Item, Item]> {
  for (const a of first) for (const b of second) for (const c of third) yield [a, b, c]
}

/** The verdict that a set's possible ends amount to. */
function expected(ends: ReadonlySet<Settled>): string {
  if (ends.size === 1) return [...ends].join()
  const outcome = ends.has('holds') ? 'unknown' : 'error'
  return `${outcome} ${ends.has('fails') ? 'that can fail' : 'that cannot fail'}`
}

function inWords(verdict: Verdict): string {
  if (verdict.outcome === 'holds' || verdict.outcome === 'fails') return verdict.outcome
  if (verdict.outcome === 'error' && !verdict.canFail) return 'error'
  return `${verdict.outcome} ${verdict.canFail ? 'that can fail' : 'that cannot fail'}`
}

describe('verdictOf', () => {
  test.each<[string, Outcomes, string]>([
    ['fails without includes', { require: ['holds'] }, 'fails'],
    ['holds with one include', { include: ['fails', 'holds'] }, 'holds'],
    ['fails if no include holds', { include: ['fails', 'fails'] }, 'fails'],
    ['fails if one require does', { include: ['holds'], require: ['holds', 'fails'] }, 'fails'],
    ['fails if one exclude holds', { include: ['holds'], exclude: ['fails', 'holds'] }, 'fails'],
    ['holds in spite of an error beside an include that holds', { include: ['error', 'holds'] }, 'holds'],
    ['is an error if an include is and none holds', { include: ['error', 'fails'] }, 'error'],
    ['is an error if a require is', { include: ['holds'], require: ['error'] }, 'error'],
    ['is an error if an exclude is', { include: ['holds'], exclude: ['error'] }, 'error'],
    ['fails in spite of errors if a require fails', { include: ['error'], require: ['error', 'fails'] }, 'fails'],
    ['is unknown while an include is', { include: ['unknown', 'fails'] }, 'unknown that can fail'],
    ['is unknown while an exclude is', { include: ['holds'], exclude: ['unknown'] }, 'unknown that can fail'],
    [
      'cannot fail with an include in error, but may hold',
      { include: ['unknown', 'error'] },
      'unknown that cannot fail',
    ],
    [
      'cannot hold with a require in error, but may fail',
      { include: ['unknown'], require: ['error'] },
      'error that can fail',
    ],
    ['fails for nobody and everybody alike', { include: ['unknown'], exclude: ['holds'] }, 'fails'],
  ])('%s', (_, outcomes, words) => {
    expect(inWords(verdictOf(constantRules(outcomes), INPUT))).toBe(words)
  })

  test('says for every set of up to three rules per list exactly what a login may make of it', () => {
    const found: string[] = []
    for (const [include, require, exclude] of triples(POSSIBLE)) {
      const set = { include: include.rules, require: require.rules, exclude: exclude.rules }
      const words = inWords(verdictOf(set, INPUT))
      const ends = [...triplesOf(include.include, require.require, exclude.exclude)].map(everyOne)
      if (words !== expected(new Set(ends))) found.push(`${include.list} / ${require.list} / ${exclude.list}: ${words}`)
    }
    expect(found.slice(0, 10)).toEqual([])
  })

  test('says the same to a listener, who hears of every rule once and in order', () => {
    const found: string[] = []
    const short = LISTS.filter(({ length }) => length <= 2)
    for (const [include, require, exclude] of triples(short)) {
      const set = constantRules({ include, require, exclude })
      const heard: Record<RuleList, unknown[]> = { include: [], require: [], exclude: [] }
      const observed = verdictOf(set, INPUT, (list, rule, verdict) => {
        heard[list].push(rule.setting)
        if (verdict.outcome !== rule.setting) found.push('a verdict is not the rule’s own')
      })
      if (JSON.stringify(observed) !== JSON.stringify(verdictOf(set, INPUT)))
        found.push(`${include}/${require}/${exclude}`)
      if (JSON.stringify(heard) !== JSON.stringify({ include, require, exclude })) found.push(JSON.stringify(heard))
    }
    expect(found.slice(0, 10)).toEqual([])
  })

  test('asks no rule that cannot matter any more', () => {
    const never = { kind: 'never', setting: 0, needsIdentity: false, test: () => expect.unreachable() }
    const { include, require, exclude } = constantRules({ include: ['holds'], require: ['fails'], exclude: ['holds'] })
    expect(verdictOf({ include: [never], require: [...require, never], exclude: [never] }, INPUT).outcome).toBe('fails')
    expect(verdictOf({ include: [never], require: [], exclude: [...exclude, never] }, INPUT).outcome).toBe('fails')
    expect(verdictOf({ include: [...include, never], require: [], exclude: [] }, INPUT).outcome).toBe('holds')
  })

  test('gives the reason of the error that it comes out with', () => {
    const verdict = verdictOf(constantRules({ include: ['holds'], require: ['error'] }), INPUT)
    expect(verdict).toEqual({ outcome: 'error', canFail: false, reason: 'claim-missing' })
  })
})
