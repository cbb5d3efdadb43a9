import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyAppToken } from '../../src/tokens/app-token.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import {
  type KeySet,
  keySetSchema,
  newSealingKey,
  newSigningKey,
  type SigningAlgorithm,
  type SigningKey,
} from '../../src/tokens/key-set.ts'
import { type RotationTimes, rotated } from '../../src/tokens/rotation.ts'
import { open, seal } from '../../src/tokens/seal.ts'
import { AUDIENCE, freshKeySet, ISSUER, mintedToken, NOW } from './rings.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const TIMES: RotationTimes = { rotateEveryMs: 42 * DAY, publishAheadMs: DAY, keepMs: 2 * DAY }

const sample = (await freshKeySet()).signing[0] as SigningKey
const iso = (ms: number) => new Date(ms).toISOString()

/** A key whose only use is its name, so that years go by fast. */
function keyNamed(kid: string, createdAt: number, more: object = {}) {
  return { ...sample, kid, createdAt: iso(createdAt), ...more }
}

let made = 0
function at(
  now: number,
  { algorithm = 'ES256', ...times }: Partial<RotationTimes> & { algorithm?: SigningAlgorithm } = {},
) {
  const kid = () => {
    made += 1
    return `made-key-${made}`
  }
  return {
    ...TIMES,
    ...times,
    now,
    algorithm,
    newSigningKey: async (wanted: SigningAlgorithm) => keyNamed(kid(), now, { algorithm: wanted }),
    newSealingKey: () => ({ kid: kid(), createdAt: iso(now), key: 'S'.repeat(43) }),
  }
}

function setOf(...signing: SigningKey[]): KeySet {
  return { version: 1, signing, sealing: [{ kid: 'sealing-1', createdAt: iso(NOW), key: 'S'.repeat(43) }] }
}

const shown = ({ signing }: KeySet) =>
  signing.map(({ kid, retiredAt }) => (retiredAt === undefined ? kid : `${kid} until ${retiredAt}`))

describe('a key', () => {
  const only = setOf(keyNamed('key-number-1', NOW))

  test('stays alone, and the set the very same, while it is young', async () => {
    expect(await rotated(only, at(NOW))).toBe(only)
    expect(await rotated(only, at(NOW + 42 * DAY - 1))).toBe(only)
  })

  test('gets a next one, which is used a day later, and is kept until nothing that it made can count', async () => {
    const published = await rotated(only, at(NOW + 42 * DAY))
    const next = published.signing[1]?.kid
    expect(shown(published)).toEqual(['key-number-1', next])
    expect(published.sealing).toHaveLength(2)
    expect(await rotated(published, at(NOW + 43 * DAY - 1))).toBe(published)

    const turned = await rotated(published, at(NOW + 43 * DAY))
    expect(shown(turned)).toEqual([next, `key-number-1 until ${iso(NOW + 43 * DAY)}`])
    expect(turned.sealing.map(({ retiredAt }) => retiredAt)).toEqual([undefined, iso(NOW + 43 * DAY)])
    // Two days for what it signed, and one more for a replica that was behind.
    expect(await rotated(turned, at(NOW + 46 * DAY - 1))).toBe(turned)
    const alone = await rotated(turned, at(NOW + 46 * DAY))
    expect(shown(alone)).toEqual([next])
    expect(alone.sealing).toHaveLength(1)
  })

  test('is replaced every six weeks from then on', async () => {
    let set = only
    const turns: number[] = []
    for (let now = NOW; now < NOW + 365 * DAY; now += HOUR) {
      const after = await rotated(set, at(now))
      if (after.signing[0]?.kid !== set.signing[0]?.kid) turns.push((now - NOW) / DAY)
      set = after
    }
    expect(turns).toEqual([43, 85, 127, 169, 211, 253, 295, 337])
  })

  test('for another algorithm than the configured one gets its successor at once, a day ahead as ever', async () => {
    const published = await rotated(only, at(NOW + DAY, { algorithm: 'EdDSA' }))
    expect(published.signing.map(({ algorithm }) => algorithm)).toEqual(['ES256', 'EdDSA'])
    expect(published.sealing).toHaveLength(1)
    const turned = await rotated(published, at(NOW + 2 * DAY, { algorithm: 'EdDSA' }))
    expect(turned.signing.map(({ algorithm }) => algorithm)).toEqual(['EdDSA', 'ES256'])
    expect(await rotated(turned, at(NOW + 2 * DAY, { algorithm: 'EdDSA' }))).toBe(turned)
  })
})

describe('a set that was put together by hand', () => {
  const KEPT = iso(NOW)
  test.each<[string, SigningKey[], string[]]>([
    [
      'has an older second key without a mark: it is marked, and goes in time',
      [keyNamed('young-key', NOW), keyNamed('older-key', NOW - DAY)],
      ['young-key', `older-key until ${KEPT}`],
    ],
    [
      'has several without a mark: only the second can be the next',
      [keyNamed('first-key', NOW), keyNamed('second-key', NOW), keyNamed('third-key', NOW)],
      ['first-key', 'second-key', `third-key until ${KEPT}`],
    ],
    [
      'is dated into the future: its time counts from now',
      [keyNamed('first-key', NOW + 9000 * DAY), keyNamed('earlier-key', NOW, { retiredAt: iso(NOW + 9000 * DAY) })],
      ['first-key', `earlier-key until ${KEPT}`],
    ],
    [
      'was forgotten for years: the next key is made now',
      [
        keyNamed('first-key', NOW - 9000 * DAY),
        keyNamed('gone-key', NOW - 9500 * DAY, { retiredAt: iso(NOW - 9000 * DAY) }),
      ],
      ['first-key', 'made'],
    ],
  ])('%s', async (_, keys, expected) => {
    const set = setOf(...keys)
    expect(keySetSchema.safeParse(set).success).toBe(true)
    const after = await rotated(set, at(NOW))
    expect(shown(after).map((kid) => (kid.startsWith('made') ? 'made' : kid))).toEqual(expected)
    expect(await rotated(after, at(NOW))).toBe(after)
  })

  test('and is full gets no further key before one may go, and loses none before', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => keyNamed(`full-key-${index}`, NOW - 100 * DAY - index))
    const full = await rotated(setOf(...keys), at(NOW))
    expect(full.signing.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid))
    expect(await rotated(full, at(NOW + 3 * DAY - 1))).toMatchObject({ signing: full.signing })
    expect((await rotated(full, at(NOW + 3 * DAY))).signing).toHaveLength(2)
  })
})

test.each<[string, Partial<RotationTimes>]>([
  ['keys live no longer than they are made known ahead', { rotateEveryMs: DAY }],
  ['they are made known ahead by less than nothing', { publishAheadMs: -1 }],
  ['a time is no number', { keepMs: Number.NaN }],
])('refuses to turn keys if %s', async (_, times) => {
  await expect(rotated(setOf(keyNamed('key-number-1', NOW)), at(NOW, times))).rejects.toThrow(RangeError)
})

describe('over years', () => {
  const plans = fc.record({
    rotateEveryMs: fc.integer({ min: 2 * DAY, max: 60 * DAY }),
    publishAheadMs: fc.integer({ min: 0, max: 2 * DAY - 1 }),
    keepMs: fc.integer({ min: 0, max: 40 * DAY }),
    // How long nobody leads, or looks, between one look and the next.
    pauses: fc.array(fc.oneof(fc.integer({ min: 1, max: 2 * DAY }), fc.integer({ min: 1, max: 90 * DAY })), {
      minLength: 20,
      maxLength: 120,
    }),
    algorithms: fc.array(fc.constantFrom<SigningAlgorithm>('ES256', 'EdDSA'), { minLength: 1, maxLength: 5 }),
  })

  async function history({
    pauses,
    algorithms,
    ...times
  }: typeof plans extends fc.Arbitrary<infer Plan> ? Plan : never) {
    let set = setOf(keyNamed('key-number-1', NOW))
    const steps = [{ from: NOW, set }]
    let now = NOW
    for (const [index, pause] of pauses.entries()) {
      now += pause
      const algorithm = algorithms[Math.floor((index / pauses.length) * algorithms.length)] ?? 'ES256'
      const after = await rotated(set, at(now, { ...times, algorithm }))
      expect(await rotated(after, at(now, { ...times, algorithm }))).toBe(after)
      if (after !== set) steps.push({ from: now, set: after })
      set = after
    }
    return { steps, end: now }
  }
  type Steps = Awaited<ReturnType<typeof history>>['steps']
  const seenAt = (steps: Steps, when: number) => (steps.findLast(({ from }) => from <= when) ?? steps[0])?.set as KeySet

  test('every replica verifies and opens what any other one makes, until it expires, though both may be behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.array(
          fc.record({ when: fc.nat(1e6), life: fc.nat(1e6), used: fc.nat(1e6), a: fc.nat(1e6), b: fc.nat(1e6) }),
          {
            minLength: 50,
            maxLength: 100,
          },
        ),
        async (plan, uses) => {
          const { steps, end } = await history(plan)
          for (const use of uses) {
            // Near a change most of the time, since that is where it can go wrong.
            const near = steps[use.when % steps.length]?.from ?? NOW
            const made =
              use.when % 3 === 0 ? NOW + ((end - NOW) * use.when) / 1e6 : near + (plan.publishAheadMs * use.a) / 1e6
            const used = made + (plan.keepMs * use.life * use.used) / 1e12
            const signer = seenAt(steps, made - (plan.publishAheadMs * use.a) / 1e6)
            const verifier = seenAt(steps, used - (plan.publishAheadMs * use.b) / 1e6)
            expect(verifier.signing.map(({ kid }) => kid)).toContain(signer.signing[0]?.kid)
            expect(verifier.sealing.map(({ kid }) => kid)).toContain(signer.sealing[0]?.kid)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('a set is always valid, has one key in use and at most one next, and loses what is no longer needed', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { steps } = await history(plan)
        for (const { from, set } of steps) {
          expect(keySetSchema.safeParse(set).error).toBeUndefined()
          for (const list of [set.signing, set.sealing]) {
            expect(list.slice(2).every(({ retiredAt }) => retiredAt !== undefined)).toBe(true)
            const kept = list.filter(({ retiredAt }) => retiredAt !== undefined)
            const oldest = Math.min(from, ...kept.map(({ retiredAt }) => Date.parse(retiredAt ?? '')))
            expect(from - oldest).toBeLessThan(plan.keepMs + plan.publishAheadMs || 1)
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

test('a token outlives the key that signed it by its own life only, and a removed key verifies and opens nothing', async () => {
  const environment = { now: () => NOW, randomBytes }
  const set = await freshKeySet()
  const real = (now: number) => ({
    ...at(now),
    newSigningKey: (algorithm: SigningAlgorithm) => newSigningKey(algorithm, environment),
    newSealingKey: () => newSealingKey(environment),
  })
  const published = await rotated(set, real(NOW + 42 * DAY))
  const turned = await rotated(published, real(NOW + 43 * DAY))
  const alone = await rotated(turned, real(NOW + 46 * DAY))
  const [before, ahead, after, late] = await Promise.all([set, published, turned, alone].map(keyRing))
  if (before === undefined || ahead === undefined || after === undefined || late === undefined)
    throw new Error('four rings')
  const expected = { issuer: ISSUER, audience: AUDIENCE, now: NOW }
  const [old, young] = [await mintedToken(before), await mintedToken(after)]
  expect(await verifyAppToken(after, old, expected)).toMatchObject({ kid: before.signing.kid })
  expect(await verifyAppToken(ahead, young, expected)).toMatchObject({ kid: after.signing.kid })
  expect(await verifyAppToken(late, old, expected)).toBe('token-invalid')
  const sealed = await seal(before, 'state', { a: 1 }, NOW + DAY)
  expect(await open(after, 'state', sealed, NOW)).toEqual({ a: 1 })
  expect(await open(late, 'state', sealed, NOW)).toBeUndefined()
  expect(ahead.jwks.keys.map(({ kid }) => kid)).toContain(after.signing.kid)
})

describe('a key set as it is kept', () => {
  test('may say of a key when it was retired, but not of the one in use', async () => {
    const set = await freshKeySet()
    const [signing] = set.signing
    const other = (await freshKeySet()).signing[0]
    const marked = { ...other, retiredAt: iso(NOW) }
    expect(keySetSchema.safeParse({ ...set, signing: [signing, marked] }).success).toBe(true)
    expect(keySetSchema.safeParse({ ...set, signing: [signing, other] }).success).toBe(true)
    expect(keySetSchema.safeParse({ ...set, signing: [marked, signing] }).error?.issues[0]?.path).toEqual(['signing'])
    expect(keySetSchema.safeParse({ ...set, signing: [signing, { ...other, retiredAt: 'soon' }] }).success).toBe(false)
  })
})
