import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { encodeSession, type Session } from '../../src/sessions/session.ts'
import { fixedStamps } from '../tokens/fixed-stamps.ts'
import { freshSid, HOUR_MS, sampleSession } from './sample-session.ts'

/** What somebody who may write to Redis, and has no key of ours, puts in place of a value. */
export type Damage = { readonly of: 'record' | 'seen' | 'index'; readonly what: Plant }
type Plant = (raw: Redis, key: string, value: Values) => Promise<unknown>
/** What stood there before, and what other keys hold. */
export interface Values {
  readonly now: string
  readonly earlier: string
  readonly of: Readonly<Record<'record' | 'another', Session>>
}

const BASE_MS = sampleSession().createdAtMs

const set =
  (change: (value: Values) => string | Buffer): Plant =>
  async (raw, key, value) => {
    await raw.del(key)
    await raw.set(key, change(value))
  }

const stamped =
  (change: (record: string) => string): Plant =>
  (raw, key, value) =>
    set(({ of }) => fixedStamps().mark('session', key, change(encodeSession(of.record).record)))(raw, key, value)

const otherType = fc.constantFrom<Plant>(
  async (raw, key) => raw.multi().del(key).rpush(key, 'text').exec(),
  async (raw, key) => raw.multi().del(key).hset(key, 'field', 'text').exec(),
  async (raw, key) => raw.multi().del(key).sadd(key, 'text').exec(),
  async (raw, key) => raw.multi().del(key).xadd(key, '*', 'field', 'text').exec(),
  async (raw, key) => raw.multi().del(key).zadd(key, 1, 'text').exec(),
  async (raw, key) => raw.multi().del(key).set(key, 'text').exec(),
)

const record: fc.Arbitrary<Plant> = fc.oneof(
  otherType,
  fc.nat().map((at) => set(({ now }) => now.slice(0, at % now.length))),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, bits]) =>
    set(({ now }) => {
      const bytes = Buffer.from(now)
      const place = at % bytes.length
      bytes[place] = (bytes[place] ?? 0) ^ bits
      return bytes
    }),
  ),
  fc.constant(set(({ earlier }) => earlier)),
  fc.constant(set(({ of }) => encodeSession(of.another).record)),
  fc.constantFrom(300_000, 2_000_000).map((size) => set(({ now }) => now + ' '.repeat(size))),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => set(() => Buffer.from(bytes))),
  // Another version of Gatehouse has the same keys.
  fc
    .constantFrom(0, 1, 3, '2', null)
    .map((version) => stamped((text) => text.replace('"version":2', `"version":${JSON.stringify(version)}`))),
  fc.json().map((text) => stamped(() => text)),
  fc.constantFrom('{', '', 'null', '[]', '"', '\ud800').map((text) => stamped(() => text)),
  fc
    .constantFrom('subject', 'groups', 'sid', 'expiresAtMs', 'claims')
    .map((name) => stamped((text) => text.replace(`"${name}":`, `"${name}2":`))),
)

const seen: fc.Arbitrary<Plant> = fc.oneof(
  otherType,
  fc.string({ maxLength: 40 }).map((text) => set(() => text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => set(() => Buffer.from(bytes))),
  fc.double().map((value) => set(() => String(value))),
  fc.constant(set(() => '1'.repeat(2_000_000))),
)

const score = fc.oneof(
  fc.constantFrom('+inf', '-inf', '1e300', '-1', '0', '1000000000000000', '999999999999999'),
  fc.integer({ min: BASE_MS - 1000, max: BASE_MS + 2 * HOUR_MS }).map(String),
  fc.integer({ min: 0, max: 1000 }).map((part) => `${BASE_MS + HOUR_MS}.${part}`),
)

const index: fc.Arbitrary<Plant> = fc.oneof(
  otherType,
  fc.array(fc.tuple(score, fc.oneof(fc.string(), fc.constant('x'.repeat(100_000)))), { minLength: 1 }).map(
    (entries): Plant =>
      async (raw, key) => {
        for (const [at, member] of entries) await raw.zadd(key, at, member).catch(() => undefined)
      },
  ),
  // Entries that look like ours and lead nowhere, more than a page has.
  fc.tuple(score, fc.integer({ min: 1, max: 60 })).map(
    ([at, count]): Plant =>
      async (raw, key) => {
        for (let n = 0; n < count; n += 1) await raw.zadd(key, at, freshSid()).catch(() => undefined)
      },
  ),
  // Its own sessions and another's, with a score of somebody's choice.
  fc.tuple(score, fc.constantFrom('record', 'another')).map(
    ([at, whose]): Plant =>
      (raw, key, { of }) =>
        raw.zadd(key, at, of[whose as 'record' | 'another'].sid).catch(() => undefined),
  ),
)

/** What may be done to a person's keys. */
export const damage: fc.Arbitrary<Damage> = fc.oneof(
  record.map((what) => ({ of: 'record' as const, what })),
  seen.map((what) => ({ of: 'seen' as const, what })),
  index.map((what) => ({ of: 'index' as const, what })),
)
