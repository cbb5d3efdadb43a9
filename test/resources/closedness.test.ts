import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Catalogue } from '../../src/resources/catalogue.ts'
import { compile } from '../../src/resources/compile.ts'
import { readObject } from '../../src/resources/objects.ts'
import { hidings } from './hidings.ts'
import { answer, application, compiled, compiledInTurn, context, group, identity, policy, provider } from './world.ts'

const people = [
  undefined,
  identity('ada', { groups: ['eng'] }),
  identity('bob', { provider: 'partners', emailVerified: false }),
  identity('eve', { email: undefined, groupsIncomplete: true }),
]
const urls = ['a', 'b', 'x'].flatMap((host) =>
  ['/', '/p', '/p/q', '/p/q/r', '/z'].map((path) => `${host}.example.com${path}`),
)
const asks = [{}, { method: 'POST' }, { clientAddress: undefined }]

/** Every question that somebody is let in on. */
function opened(catalogue: Catalogue): Set<string> {
  const open = new Set<string>()
  for (const url of urls) {
    for (const [who, person] of people.entries()) {
      for (const [how, ask] of asks.entries()) {
        if (answer(catalogue, url, person, ask).startsWith('allow')) open.add(`${url} ${who} ${how}`)
      }
    }
  }
  return open
}

const name = fc.constantFrom('a', 'b', 'c', 'd')
const rule = fc.oneof(
  fc.constant({ everyone: {} }),
  fc.constantFrom({ email: 'ada@example.com' }, { emailDomain: 'example.com' }, { group: { name: 'eng' } }),
  fc.constantFrom({ ip: ['192.0.2.0/24'] }, { method: ['GET'] }, { identityProvider: 'staff' }),
  name.map((one) => ({ accessGroup: { name: one } })),
)
const rules = fc.record({
  include: fc.array(rule, { minLength: 1, maxLength: 3 }),
  require: fc.array(rule, { maxLength: 2 }),
  exclude: fc.array(rule, { maxLength: 2 }),
})
const policies = fc.uniqueArray(fc.tuple(name, fc.constantFrom('Allow', 'Deny', 'Bypass'), rules), {
  selector: ([one]) => one,
  minLength: 1,
})
const groups = fc.uniqueArray(fc.tuple(name, rules), { selector: ([one]) => one })
const places = ['a.example.com', 'b.example.com', '*.example.com'].flatMap((host) =>
  ['', '/p', '/p/q'].map((path) => `${host}${path}`),
)
const applications = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...places), fc.array(name, { minLength: 1, maxLength: 3 }), fc.boolean()),
  { selector: ([place]) => place, minLength: 1 },
)

const world = fc
  .record({ policies, groups, applications })
  .map((parts) => [
    ...parts.policies.map(([one, action, lists]) => policy(one, action, lists.include, lists)),
    ...parts.groups.map(([one, lists]) => group(one, lists.include, lists)),
    ...parts.applications.map(([place, names, isChoosy], index) =>
      application(`app${index}`, place, names, isChoosy ? { identityProviders: ['staff'] } : {}),
    ),
    provider('staff'),
  ])

/** Ways to spoil an object. None makes a sound object of it, and none hides its host: see `hidings.ts` for those. */
const spoilings: ((object: Record<string, unknown>) => unknown)[] = [
  (object) => ({ ...object, spec: { ...(object.spec as object), surprise: 1 } }),
  (object) => ({ ...object, extra: true }),
  (object) => ({ ...object, metadata: { ...(object.metadata as object), labels: 5 } }),
  (object) => ({ ...object, metadata: { name: 'Not A Name', namespace: 'default' } }),
  (object) => ({ ...object, metadata: undefined }),
  (object) => ({ ...object, apiVersion: 'access.gatehouse.dev/v1alpha1', kind: `${object.kind}x` }),
  (object) => ({ ...object, apiVersion: 'access.gatehouse.dev/v2' }),
  (object) => ({
    ...object,
    spec: mapDestinations(object.spec, ({ host, path }) => ({ host, path: `${path ?? ''}//x` })),
  }),
  (object) => ({ ...object, spec: mapDestinations(object.spec, ({ host }) => ({ host, path: null })) }),
  (object) => ({ ...object, spec: mapDestinations(object.spec, ({ host, path }) => `https://${host}${path ?? ''}`) }),
]

const asPolicy = (object: Record<string, unknown>) => ({ ...object, kind: 'AccessPolicy' })

function mapDestinations(spec: unknown, change: (destination: { host: string; path?: string }) => unknown): unknown {
  const destinations: unknown = Object(spec).destinations
  return Array.isArray(destinations) ? { ...Object(spec), destinations: destinations.map(change) } : spec
}

test('breaking any one object opens nothing', () => {
  fc.assert(
    fc.property(world, fc.nat(), fc.constantFrom(...spoilings, asPolicy), (objects, at, spoil) => {
      const before = opened(compiled(objects))
      const index = at % objects.length
      const after = opened(compiled(objects.with(index, spoil(objects[index] ?? {}) as never)))
      expect([...after].filter((one) => !before.has(one))).toEqual([])
    }),
    { numRuns: 400 },
  )
})

test('breaking objects one edit after the other opens nothing, even where it hides what they protect', () => {
  const edit = fc.tuple(
    fc.nat(),
    fc.array(fc.constantFrom(...spoilings, ...Object.values(hidings)), { minLength: 1, maxLength: 2 }),
  )
  fc.assert(
    fc.property(world, fc.array(edit, { minLength: 1, maxLength: 5 }), (objects, edits) => {
      const sets: Record<string, unknown>[][] = [objects]
      for (const [at, ways] of edits) {
        const index = at % objects.length
        const spoiled = ways.reduce((object, spoil) => spoil(object) as never, objects[index] ?? {})
        sets.push((sets.at(-1) ?? []).with(index, spoiled))
      }
      const [first, ...later] = compiledInTurn(sets).map(opened)
      for (const one of later) expect([...one].filter((open) => !first?.has(open))).toEqual([])
    }),
    { numRuns: 400 },
  )
})

test('removing any one policy, group or provider opens nothing', () => {
  fc.assert(
    fc.property(world, fc.nat(), (objects, at) => {
      const candidates = objects.filter(({ kind }) => kind !== 'AccessApplication')
      const before = opened(compiled(objects))
      const removed = candidates[at % candidates.length]
      const after = opened(compiled(objects.filter((one) => one !== removed)))
      expect([...after].filter((one) => !before.has(one))).toEqual([])
    }),
    { numRuns: 400 },
  )
})

test('removing an application opens nothing that it did not give up to a less specific one', () => {
  fc.assert(
    fc.property(world, fc.nat(), (objects, at) => {
      const candidates = objects.filter(({ kind }) => kind === 'AccessApplication')
      const removed = candidates[at % candidates.length]
      const rest = compiled(objects.filter((one) => one !== removed))
      const only = compiled(candidates.filter((one) => one === removed))
      const before = opened(compiled(objects))
      const opens = [...opened(rest)].filter((one) => !before.has(one))
      const ours = (url: string) => answer(only, url) !== 'forbid no-application'
      expect(opens.filter((one) => !ours(one.split(' ')[0] ?? ''))).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('the order of the objects changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(world, { minLength: 1, maxLength: 2 }).map((worlds) => worlds.flat()),
      fc.infiniteStream(fc.nat()),
      (objects, random) => {
        const weights = objects.map((object) => ({ object, weight: random.next().value as number }))
        const shuffled = weights.sort((a, b) => a.weight - b.weight).map(({ object }) => object)
        const [first, second] = [compiled(objects), compiled(shuffled)]
        expect(second.statuses).toEqual(first.statuses)
        expect(opened(second)).toEqual(opened(first))
        expect(JSON.stringify([...second.policySet.applications])).toBe(
          JSON.stringify([...first.policySet.applications]),
        )
      },
    ),
    { numRuns: 200 },
  )
})

const nearly = fc.record(
  {
    apiVersion: fc.oneof(fc.constant('access.gatehouse.dev/v1alpha1'), fc.jsonValue()),
    kind: fc.oneof(
      fc.constantFrom('AccessApplication', 'AccessPolicy', 'AccessGroup', 'IdentityProvider'),
      fc.jsonValue(),
    ),
    metadata: fc.oneof(
      fc.record({ name: fc.oneof(name, fc.jsonValue()), namespace: fc.oneof(name, fc.jsonValue()) }),
      fc.jsonValue(),
    ),
    spec: fc.oneof(
      fc.record(
        {
          destinations: fc.oneof(
            fc.array(fc.record({ host: fc.oneof(fc.constant('a.example.com'), fc.jsonValue()), path: fc.jsonValue() })),
            fc.jsonValue(),
          ),
          policies: fc.jsonValue(),
          include: fc.oneof(fc.array(fc.oneof(rule, fc.jsonValue())), fc.jsonValue()),
          action: fc.oneof(fc.constant('Allow'), fc.jsonValue()),
          type: fc.jsonValue(),
          oidc: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
)

test('compile takes anything at all and never throws', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(nearly, fc.jsonValue())), (values) => {
      const parsed = values.map((value) => JSON.parse(JSON.stringify(value)) as unknown)
      const catalogue = compile(
        parsed.map((value) => readObject(value)),
        context,
      )
      for (const { conditions } of catalogue.statuses) expect(conditions).toHaveLength(3)
      opened(catalogue)
    }),
    { numRuns: 500 },
  )
})
