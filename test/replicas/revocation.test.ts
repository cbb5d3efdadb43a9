import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOf, PROVIDER } from '../../faults/places.ts'
import { revoke, signOut } from '../../faults/revoke.ts'
import type { StoreName } from '../../faults/stores/index.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { needs } from '../parts/needs.ts'
import { all, expectRevoked, type Guest, openTrio, type Trio } from './trio.ts'

/** Two people, the first of them twice. */
async function threeGuests(trio: Trio, [first, second]: readonly [string, string]): Promise<[Guest, Guest, Guest]> {
  const guests = [await trio.arrive(first), await trio.arrive(first), await trio.arrive(second)] as [
    Guest,
    Guest,
    Guest,
  ]
  for (const { token } of guests) expect(await trio.answers(token)).toEqual(all('allow'))
  return guests
}

needs('redis-server', 'What one of three replicas ends', () => {
  for (const store of ['one server', 'Sentinel', 'Cluster'] as const satisfies StoreName[]) {
    describe(`with ${store}`, () => {
      let trio: Trio

      beforeAll(async () => {
        trio = await openTrio({ store })
      }, 60_000)
      afterAll(() => trio?.[Symbol.asyncDispose]())

      test('is refused by all of them within a second, as soon as somebody has signed out', async () => {
        const [leaving, sameAgain, other] = await threeGuests(trio, ['person-0', 'person-1'])
        const { browser, visitor } = leaving
        await signOut(trio.trial, { client: 'test', browser, replica: trio.replica(0), sid: visitor.sid })
        await expectRevoked(trio, { refused: [leaving], others: [sameAgain, other] })
        const { token } = await trio.arrive('person-0')
        expect(await trio.answers(token)).toEqual(all('allow'))
      })

      test.for<readonly [name: string, scope: (guest: Guest) => RevocationScope, hitsBoth: boolean]>([
        ['a session', ({ visitor: { sid } }) => ({ kind: 'session', sid }), false],
        ['a subject', ({ visitor: { subject } }) => ({ kind: 'subject', subject }), true],
        ['an address', ({ visitor: { email } }) => ({ kind: 'email', email }), true],
      ])('is refused by all of them within a second: %s', async ([name, scope, hitsBoth]) => {
        const people = [`person-${name.length}`, `person-${name.length + 10}`] as const
        const [first, second, other] = await threeGuests(trio, people)
        expect(await revoke(trio.trial, 'test', trio.replica(1), scope(first))).toBe('accepted')
        const refused = hitsBoth ? [first, second] : [first]
        await expectRevoked(trio, { refused, others: hitsBoth ? [other] : [second, other] })
        const { token } = await trio.arrive(people[0])
        expect(await trio.answers(token)).toEqual(all('allow'))
      })

      test('is refused by all of them within a second: the tokens of an application, not those of another', async () => {
        const at = await trio.arrive('person-31', { application: 'two' })
        const other = await trio.arrive('person-31', { application: 'one', of: at })
        const scope = { kind: 'application', application: keyOf('two') } as const
        expect(await revoke(trio.trial, 'test', trio.replica(2), scope)).toBe('accepted')
        await expectRevoked(trio, { refused: [at], others: [other] })
        // The session lives on, so nobody has to go to the provider.
        const { token } = await trio.arrive('person-31', { application: 'two', of: at })
        expect(await trio.answers(token)).toEqual(all('allow'))
      })

      test('is refused by all of them within a second: everybody', async () => {
        const guests = await threeGuests(trio, ['person-32', 'person-33'])
        expect(await revoke(trio.trial, 'test', trio.replica(0), { kind: 'everybody' })).toBe('accepted')
        await expectRevoked(trio, { refused: guests })
        const { token } = await trio.arrive('person-32')
        expect(await trio.answers(token)).toEqual(all('allow'))
      })

      test(`is refused by all of them within a second: a session of ${PROVIDER}'s that nobody has signed in with hits nobody`, async () => {
        const guest = await trio.arrive('person-34')
        const scope = { kind: 'provider-session', provider: PROVIDER, providerSid: 'somebody-elses' } as const
        expect(await revoke(trio.trial, 'test', trio.replica(0), scope)).toBe('accepted')
        const ended = await trio.arrive('person-35')
        await revoke(trio.trial, 'test', trio.replica(0), { kind: 'session', sid: ended.visitor.sid })
        await expectRevoked(trio, { refused: [ended], others: [guest] })
      })
    })
  }
})
