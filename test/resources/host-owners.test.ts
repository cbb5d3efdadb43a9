import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wildcardOf } from '../../src/policy/host.ts'
import { match } from '../../src/policy/match.ts'
import { type HostClaim, hostOwners } from '../../src/resources/host-owners.ts'
import { ada, type Case, runCases, SHUT, WELL } from './cases.ts'
import { answer, application, compiled, policy, provider } from './world.ts'

const recorded = (host: string, namespace: string): HostClaim => ({ host, namespace, origin: 'Recorded' })
const configured = (host: string, namespace: string): HostClaim => ({ host, namespace, origin: 'Configured' })

const everybody = policy('gatehouse/everyone', 'Allow', [{ everyone: {} }])
const of = (name: string, at: string | string[]) => application(name, at, ['gatehouse/everyone'])
const ALLOW = 'allow policy-allows'
const NONE = 'forbid no-application'
const CLAIMED = 'HostClaimed ResolvedRefs NotProgrammed'
const NOT_GRANTED = 'HostNotGranted ResolvedRefs NotProgrammed'

const cases: Case[] = [
  {
    title: 'leaves a host to the namespace that is recorded as the first to claim it',
    objects: [everybody, of('one/app', 'app.example.com'), of('two/app', ['app.example.com/two', 'two.example.com'])],
    more: { hostClaims: [recorded('app.example.com', 'one')] },
    answers: [
      ['app.example.com/two', ada, ALLOW],
      ['two.example.com/', ada, ALLOW],
    ],
    conditions: {
      'AccessApplication one/app': WELL,
      'AccessApplication two/app': 'HostClaimed ResolvedRefs PartlyProgrammed',
    },
  },
  {
    title: 'refuses a host under a wildcard that is recorded for another namespace',
    objects: [everybody, of('one/app', '*.example.com'), of('two/app', 'a.example.com')],
    more: { hostClaims: [recorded('*.example.com', 'one')] },
    answers: [['a.example.com/', ada, ALLOW]],
    conditions: { 'AccessApplication one/app': WELL, 'AccessApplication two/app': CLAIMED },
  },
  {
    title: 'refuses a wildcard over a host that is recorded for another namespace',
    objects: [everybody, of('one/app', 'a.example.com'), of('two/app', '*.example.com')],
    more: { hostClaims: [recorded('a.example.com', 'one')] },
    answers: [
      ['a.example.com/', ada, ALLOW],
      ['b.example.com/', ada, NONE],
    ],
    conditions: { 'AccessApplication one/app': WELL, 'AccessApplication two/app': CLAIMED },
  },
  {
    title: 'keeps a host for its namespace when no application claims it',
    objects: [everybody, of('two/app', 'app.example.com')],
    more: { hostClaims: [recorded('app.example.com', 'one')] },
    answers: [['app.example.com/', ada, NONE]],
    conditions: { 'AccessApplication two/app': CLAIMED },
  },
  {
    title: 'shuts a host that two namespaces claim and that is not recorded yet',
    objects: [everybody, of('one/app', 'app.example.com'), of('two/app', 'app.example.com')],
    more: { objectsFrom: 'ApiServer', hostClaims: [recorded('b.example.com', 'one')] },
    answers: [['app.example.com/', ada, SHUT]],
    conditions: { 'AccessApplication one/app': 'HostContested ResolvedRefs NotProgrammed' },
  },
  ...(['app.example.com', '*.example.com'] as const).map(
    (host): Case => ({
      title: `lets the configuration of ${host} beat a record of the host`,
      objects: [everybody, of('one/app', 'app.example.com'), of('two/app', 'app.example.com')],
      more: { hostClaims: [recorded('app.example.com', 'one'), configured(host, 'two')] },
      answers: [['app.example.com/', ada, ALLOW]],
      conditions: { 'AccessApplication one/app': NOT_GRANTED, 'AccessApplication two/app': WELL },
    }),
  ),
  {
    title: 'leaves a recorded wildcard to its namespace, but for the hosts that are configured for another',
    objects: [everybody, of('one/app', '*.example.com'), of('two/app', 'a.example.com/x')],
    more: { hostClaims: [recorded('*.example.com', 'one'), configured('a.example.com', 'two')] },
    answers: [
      ['b.example.com/', ada, ALLOW],
      ['a.example.com/x', ada, ALLOW],
      ['a.example.com/', ada, NONE],
      ['a.example.com/y', ada, NONE],
    ],
    conditions: { 'AccessApplication one/app': WELL, 'AccessApplication two/app': WELL },
  },
  {
    title: 'keeps a wildcard off a host that is configured for another namespace, which has no application there',
    objects: [everybody, of('one/app', '*.example.com'), of('one/exact', 'a.example.com')],
    more: { hostClaims: [configured('*.example.com', 'one'), configured('a.example.com', 'two')] },
    answers: [
      ['b.example.com/', ada, ALLOW],
      ['a.example.com/', ada, NONE],
    ],
    conditions: { 'AccessApplication one/app': WELL, 'AccessApplication one/exact': NOT_GRANTED },
  },
  {
    title: 'lets a wildcard answer where a host of the same namespace has no such path',
    objects: [everybody, of('one/app', '*.example.com'), of('one/exact', 'a.example.com/x')],
    more: { hostClaims: [configured('*.example.com', 'one'), configured('a.example.com', 'one')] },
    answers: [['a.example.com/', ada, ALLOW]],
  },
]

runCases(cases)

test('no refusal names the namespace that has the host', () => {
  const claims = [recorded('a.example.com', 'holder'), configured('b.example.com', 'holder')]
  const objects = [everybody, of('two/app', ['a.example.com', 'b.example.com', '*.example.com'])]
  const [status] = compiled(objects, { hostClaims: claims }).statuses
  const messages = status?.conditions.map(({ message }) => message).join()
  expect(messages).toMatch(/a\.example\.com/)
  expect(messages).not.toMatch(/holder/)
})

const hosts = ['a.example.com', 'b.example.com', '*.example.com', 'example.com', '*.a.example.com', 'x.a.example.com']
const namespaces = ['one', 'two', 'three']
const claim = fc.record({
  host: fc.constantFrom(...hosts),
  namespace: fc.constantFrom(...namespaces),
  origin: fc.constantFrom('Configured' as const, 'Recorded' as const),
})

describe('hostOwners', () => {
  test('no host is answered by a namespace other than its own, whatever is claimed', () => {
    const applications = fc.array(
      fc.tuple(fc.constantFrom(...hosts), fc.constantFrom('', '/p'), fc.constantFrom(...namespaces)),
      { maxLength: 8 },
    )
    const asked = ['a', 'b', 'c', 'x.a', 'y.a'].map((name) => `${name}.example.com`)
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 6 }), applications, fc.boolean(), (hostClaims, list, isCluster) => {
        const owners = hostOwners(hostClaims)
        const catalogue = compiled(
          [
            everybody,
            provider('staff'),
            ...list.map(([host, path, namespace], index) => of(`${namespace}/app${index}`, `${host}${path}`)),
          ],
          { hostClaims, objectsFrom: isCluster ? 'ApiServer' : 'Files' },
        )
        for (const host of asked) {
          const covers = (pattern: string) => pattern === host || pattern === wildcardOf(host)
          const free = list.filter(([one, , by]) => covers(one) && owners.obstacleTo(one, by) === undefined)
          const owner = owners.ownerOf(host)?.namespace
          const entitled = owner === undefined ? new Set(free.map(([, , by]) => by)) : new Set([owner])
          for (const path of ['/', '/p/q']) {
            const found = match(catalogue.policySet, host, path)
            if (typeof found !== 'object' || !answer(catalogue, host + path, ada).startsWith('allow')) continue
            expect([...entitled]).toEqual([found.namespace])
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('does not depend on the order of claims, but for doubled hosts', () => {
    const unique = fc.uniqueArray(claim, { selector: ({ host, origin }) => host + origin })
    fc.assert(
      fc.property(unique, (claims) => {
        const [forth, back] = [hostOwners(claims), hostOwners(claims.toReversed())]
        expect(new Set(back.apart())).toEqual(forth.apart())
        for (const host of hosts) {
          expect(back.ownerOf(host)).toEqual(forth.ownerOf(host))
          for (const namespace of namespaces) {
            expect(back.obstacleTo(host, namespace)?.origin).toBe(forth.obstacleTo(host, namespace)?.origin)
          }
        }
      }),
    )
  })
})
