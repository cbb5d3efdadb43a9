import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ada, type Case, everyone, open, runCases, SHUT, WELL } from './cases.ts'
import { hidings } from './hidings.ts'
import { answer, application, compiled, compiledInTurn, conditionsOf, madeOn, manifest, policy } from './world.ts'

const A = 'app.example.com/a'
const first = application('first', [A, 'app.example.com/first'], ['everyone'])
const second = application('second', [A, 'app.example.com/second'], ['open'])
const more = { objectsFrom: 'ApiServer' } as const

const cases: Case[] = [
  {
    title: 'gives a destination that two applications of a namespace have to the older one',
    objects: [madeOn(2, first), madeOn(1, second), everyone, open],
    answers: [
      [A, undefined, 'allow policy-bypasses'],
      ['app.example.com/first', ada, 'allow policy-allows'],
    ],
    conditions: {
      'AccessApplication default/second': WELL,
      'AccessApplication default/first': 'DestinationTaken ResolvedRefs PartlyProgrammed',
    },
    more,
  },
  {
    title: 'gives a destination to the first by name of two applications that are as old as each other',
    objects: [madeOn(1, second), madeOn(1, first), everyone, open],
    answers: [[A, undefined, 'challenge login-required']],
    conditions: { 'AccessApplication default/first': WELL },
    more,
  },
  {
    title: 'takes two spellings of a path for the same destination',
    objects: [madeOn(1, first), madeOn(2, application('loud', 'app.example.com/A', ['open'])), everyone, open],
    answers: [
      [A, undefined, 'challenge login-required'],
      ['app.example.com/A', undefined, 'forbid request-path-ambiguous'],
    ],
    conditions: { 'AccessApplication default/loud': 'DestinationTaken ResolvedRefs NotProgrammed' },
    more,
  },
  {
    title: 'keeps a destination shut that an older application has and that is not valid',
    objects: [madeOn(1, { ...first, spec: { ...(first.spec as object), surprise: 1 } }), madeOn(2, second), open],
    answers: [
      [A, undefined, SHUT],
      ['app.example.com/second', undefined, 'allow policy-bypasses'],
    ],
    conditions: { 'AccessApplication default/second': 'DestinationTaken ResolvedRefs PartlyProgrammed' },
    more,
  },
  {
    title: 'leaves a destination to the older application when a younger one is not valid',
    objects: [madeOn(2, { ...first, spec: { ...(first.spec as object), surprise: 1 } }), madeOn(1, second), open],
    answers: [
      [A, undefined, 'allow policy-bypasses'],
      ['app.example.com/first', undefined, SHUT],
    ],
    conditions: {
      'AccessApplication default/second': WELL,
      'AccessApplication default/first': 'Invalid NotEvaluated NotProgrammed',
    },
    more,
  },
  {
    title: 'shuts of an application with an unreadable path what can be read, and nothing of another',
    objects: [
      madeOn(2, application('web', 'app.example.com', ['open'])),
      madeOn(2, application('deep', 'app.example.com/admin/deep', ['open'])),
      madeOn(1, application('admin', 'app.example.com/admin//x', ['everyone'])),
      open,
    ],
    answers: [
      ['app.example.com/', undefined, 'allow policy-bypasses'],
      ['app.example.com/admin/y', undefined, SHUT],
      ['app.example.com/admin/deep', undefined, 'allow policy-bypasses'],
    ],
    conditions: { 'AccessApplication default/deep': WELL },
    more,
  },
]

describe('with the API server', () => runCases(cases))

test('the younger application hears which one has its destination', () => {
  const { statuses } = compiled([madeOn(1, first), madeOn(2, second), everyone, open], more)
  const messages = statuses.filter(({ name }) => name === 'second').flatMap(({ conditions }) => conditions[0]?.message)
  expect(messages).toEqual(['app.example.com/a is a destination of the older application first'])
})

describe('an application that was known to be in the API server', () => {
  const web = application('web', 'app.example.com', ['open'])
  const admin = application('admin', 'app.example.com/admin', ['everyone'])
  const rest = [everyone, open, web]
  const ADMIN = 'app.example.com/admin/x'
  const noDestinations = manifest('AccessApplication', 'admin', { policies: [] })
  const answered = (...sets: unknown[][]) => {
    const last = compiledInTurn(
      sets.map((set) => [...rest, ...set]),
      more,
    ).at(-1)
    return last && answer(last, ADMIN, ada)
  }

  test('stays shut while it is there and not valid', () => {
    expect(answered([admin], [noDestinations], [noDestinations])).toBe(SHUT)
  })

  test('is forgotten when it is gone, whatever else cannot be read', () => {
    const stray = manifest('AccessApplication', 'stray', {})
    expect(answered([admin], [stray])).toBe('allow policy-bypasses')
    expect(answered([admin, stray], [stray])).toBe('allow policy-bypasses')
    expect(answered([admin], [hidings['another name, and no destinations']?.(admin)])).toBe('allow policy-bypasses')
    expect(answered([admin], [noDestinations], [], [noDestinations])).toBe('allow policy-bypasses')
  })
})

test('breaking objects one after the other opens nothing', () => {
  const places = ['app.example.com', 'app.example.com/p', 'app.example.com/p/q', '*.example.com', '*.example.com/p']
  const urls = ['app', 'x'].flatMap((host) =>
    ['', 'p', 'p/q', 'p/q/r', 'z'].map((path) => `${host}.example.com/${path}`),
  )
  const opened = (catalogue: ReturnType<typeof compiled>) =>
    urls.flatMap((url) =>
      [undefined, ada]
        .filter((who) => answer(catalogue, url, who).startsWith('allow'))
        .map((who) => `${url} ${who?.subject}`),
    )
  const applications = fc.array(
    fc.record({
      at: fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 3 }),
      policies: fc.subarray(['everyone', 'open'], { minLength: 1 }),
      day: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  const spoilings = Object.entries(hidings).flatMap(([title, hide]) =>
    /name|list around|misspelt (group|kind)/.test(title) ? [] : [hide],
  )
  const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...spoilings)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(applications, edits, (list, changes) => {
      const sets: Record<string, unknown>[][] = [
        list.map(({ at, policies, day }, index) => madeOn(day, application(`app${index}`, at, policies))),
      ]
      for (const [at, hide] of changes) {
        const before = sets.at(-1) ?? []
        const index = at % before.length
        sets.push(before.with(index, hide(before[index] ?? {}) as never))
      }
      const [sound = [], ...later] = compiledInTurn(
        sets.map((set) => [everyone, open, ...set]),
        more,
      ).map(opened)
      for (const one of later) expect(one.filter((url) => !sound.includes(url))).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('the hosts of each application are told, but for those that are not its namespace’s', () => {
  const everybody = policy('gatehouse/everyone', 'Allow', [{ everyone: {} }])
  const { hosts } = compiled(
    [
      madeOn(
        1,
        application('one/app', ['a.example.com', 'b.example.com/x', 'auth.example.com'], ['gatehouse/everyone']),
      ),
      madeOn(2, application('one/late', ['a.example.com', 'c.example.com'], ['gatehouse/gone'])),
      madeOn(2, application('two/app', ['a.example.com', 'd.example.com'], ['gatehouse/everyone'])),
      madeOn(2, application('three/app', ['d.example.com', 'e.example.com'], ['gatehouse/everyone'])),
      everybody,
    ],
    { ...more, hostClaims: [{ host: 'a.example.com', namespace: 'one', origin: 'Recorded' }] },
  )
  expect(Object.fromEntries([...hosts].map(([key, names]) => [key, [...names].join(' ')]))).toEqual({
    'one/app': 'a.example.com b.example.com',
    'one/late': 'a.example.com c.example.com',
    'two/app': '',
    'three/app': 'e.example.com',
  })
})

test('the first by name is the older one of two whose age is not known', () => {
  expect(conditionsOf(compiled([first, second, everyone, open], more), 'AccessApplication default/first')).toBe(WELL)
})
