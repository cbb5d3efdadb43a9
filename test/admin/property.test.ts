import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { revocationRequest } from '../../src/admin/messages.ts'
import { type AdminWorld, startWorld, TOKEN } from './world.ts'

const world: AdminWorld = await startWorld()
afterAll(() => world[Symbol.asyncDispose]())

const field = fc.constantFrom(
  'type',
  'sid',
  'subject',
  'email',
  'application',
  'confirm',
  'provider',
  'providerSid',
  '__proto__',
  'constructor',
)
const value = fc.oneof(
  fc.constantFrom('Session', 'Subject', 'Email', 'Everybody', 'Application', 'everybody', 'a@b', 'shop/cart', 'ada'),
  fc.jsonValue({ maxDepth: 1 }),
)
const likely = fc.record({
  scope: fc.oneof(fc.dictionary(field, value, { maxKeys: 3 }), value),
  reason: fc.oneof(fc.constant('why'), value),
})

test('no body is answered 500, and none revokes but one that the schema takes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), likely), async (body) => {
      const before = world.revoked.length
      const text = JSON.stringify(body)
      const { status } = await world.call('/v1/revocations', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      })
      const isSound = revocationRequest.safeParse(JSON.parse(text)).success
      expect([status, world.revoked.length - before]).toEqual(isSound ? [200, 1] : [400, 0])
    }),
    { numRuns: 400 },
  )
})

test('no path, query or credential is answered 500, and without the token none is answered 200', async () => {
  const text = fc.string({ unit: fc.constantFrom(...'aA0_-./%&=?+;:@~é\u0001'), maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(text, text, fc.boolean(), async (path, credential, hasToken) => {
      // Another address makes nobody wait: what is looked for here is not how often one may try.
      world.clock.advance(60_000)
      const authorization = hasToken ? `Bearer ${TOKEN}` : `Bearer ${encodeURI(credential)}`
      const { status } = await world.call(`/v1/sessions/${encodeURI(path)}`, { headers: { authorization } })
      expect(hasToken ? [200, 400, 404] : [401]).toContain(status)
    }),
    { numRuns: 200 },
  )
})
