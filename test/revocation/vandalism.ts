import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { CLOCK, SET, STATE, STREAM } from './redis-scene.ts'

/** What somebody does by hand to what lies in Redis, or to the server. */
export interface Vandalism {
  /** For the report of a failure. */
  readonly toString: () => string
  readonly strike: (raw: Redis) => Promise<unknown>
}

const KEYS = [SET, STREAM, STATE, CLOCK] as const
/** Under each key, as it was at some time. */
const kept = (key: string) => `kept:${key}`

function command(...args: readonly (string | number)[]): Vandalism {
  const [name = '', ...rest] = args.map(String)
  return {
    toString: () => args.map((arg) => String(arg).slice(0, 60)).join(' '),
    strike: (raw) => raw.call(name, ...rest),
  }
}

function both(first: Vandalism, second: Vandalism): Vandalism {
  return {
    toString: () => `${first}; ${second}`,
    async strike(raw) {
      await first.strike(raw)
      await second.strike(raw)
    },
  }
}

const key = fc.constantFrom(...KEYS)
const number = fc.oneof(
  fc.constantFrom(...['0', '-1', '-1000', '1.5', '1e300', 'nan', 'inf', '-inf', '0x10', '', ' 7', 'rubbish', '00012']),
  fc.constantFrom(
    ...['9007199254740991', '9007199254740993', '999999999999999', '1000000000000000', '9004000000000000'],
  ),
  fc.constantFrom(...[20, 29, 400, 20_000].map((length) => '9'.repeat(length))),
  fc.integer({ min: -400, max: 400 }).map((years) => String(Math.max(0, Date.now() + years * 31_536_000_000))),
  fc.nat(50).map(String),
)
const moments = fc.oneof(
  fc.tuple(number, number).map((two) => two.join(' ')),
  number,
  fc.constant('x'.repeat(100_000)),
)
const scope = fc.constantFrom(
  ...['everybody', 'subject/ada', 'session/sid-1', 'session/sid-2', 'email/ada@example.com', 'planet/mars', '', '\xff'],
  ...['subject/x', 'provider-session/odd/QQ', 'email/ADA', `subject/${'y'.repeat(1_000_000)}`],
)
const id = fc.constantFrom(
  ...['*', '*', '18446744073709551615-18446744073709551615', '18446744073709551615-5', '9999999999999-0', '1-1'],
)
const stateField = fc.constantFrom('name', 'count', 'size', 'scan', 'other')
const stateValue = fc.oneof(number, fc.constantFrom('', ' ', 'a b', 'ü:\n', 'x'.repeat(1_000_000)))

/** At the keys of revocations. */
const atKeys: fc.Arbitrary<Vandalism> = fc.oneof(
  moments.map((text) => command('SET', CLOCK, text)),
  fc.tuple(stateField, stateValue).map(([field, value]) => command('HSET', STATE, field, value)),
  fc.tuple(stateField).map(([field]) => command('HDEL', STATE, field)),
  fc.tuple(scope, moments).map(([field, value]) => command('HSET', SET, field, value)),
  scope.map((field) => command('HDEL', SET, field)),
  fc
    .tuple(id, number, scope, number, number)
    .map(([at, n, of, from, to]) => command('XADD', STREAM, at, 'n', n, 'revoked', of, 'at', from, 'expires', to)),
  fc.tuple(id, scope).map(([at, text]) => command('XADD', STREAM, at, 'some', text)),
  id.filter((at) => at !== '*').map((at) => command('XSETID', STREAM, at)),
  fc.nat(3).map((length) => command('XTRIM', STREAM, 'MAXLEN', length)),
  fc.constant({
    toString: () => 'XDEL of the last',
    async strike(raw: Redis) {
      const [last] = await raw.xrevrange(STREAM, '+', '-', 'COUNT', 1)
      if (last !== undefined) await raw.xdel(STREAM, last[0])
    },
  }),
  key.map((name) => command('DEL', name)),
  fc.tuple(key, key).map(([from, to]) => command('RENAME', from, to)),
  fc.tuple(key, fc.integer({ min: -1, max: 100 })).map(([name, ms]) => command('PEXPIRE', name, ms)),
  key.map((name) => command('PERSIST', name)),
  key.map((name) => both(command('DEL', name), command('RPUSH', name, 'a', 'list'))),
  key.map((name) => both(command('DEL', name), command('SET', name, '7'))),
  key.map((name) => command('COPY', name, kept(name), 'REPLACE')),
  key.map((name) => command('COPY', kept(name), name, 'REPLACE')),
)

const allKept = KEYS.map((name) => command('COPY', name, kept(name), 'REPLACE')).reduce(both)
const allPutBack = KEYS.map((name) => command('COPY', kept(name), name, 'REPLACE')).reduce(both)

/** At the server. What would keep it from working is taken back by `endVandalism`. */
const atServer: fc.Arbitrary<Vandalism> = fc.constantFrom(
  command('FLUSHDB'),
  command('SWAPDB', 0, 1),
  command('SCRIPT', 'FLUSH'),
  command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  command('CLIENT', 'PAUSE', 50, 'ALL'),
  command('CONFIG', 'SET', 'maxmemory', 1),
  command('CONFIG', 'SET', 'maxmemory', 0),
  command('CONFIG', 'SET', 'min-replicas-to-write', 1),
  command('CONFIG', 'SET', 'min-replicas-to-write', 0),
  command('REPLICAOF', '127.0.0.1', 1),
  command('REPLICAOF', 'NO', 'ONE'),
  command('ACL', 'SETUSER', 'default', '-hset'),
  command('ACL', 'SETUSER', 'default', '-evalsha'),
  command('ACL', 'SETUSER', 'default', '+@all'),
  command('DEBUG', 'RELOAD'),
  command('DEBUG', 'CHANGE-REPL-ID'),
  command('BGREWRITEAOF'),
  allKept,
  allPutBack,
  allPutBack,
)

export const anyVandalism: fc.Arbitrary<Vandalism> = fc.oneof(
  { arbitrary: atKeys, weight: 3 },
  { arbitrary: atServer, weight: 1 },
)

/** The server works again; what lies there stays as it is. */
export async function endVandalism(raw: Redis): Promise<void> {
  await raw.acl('SETUSER', 'default', '+@all')
  await raw.replicaof('NO', 'ONE')
  await raw.config('SET', 'maxmemory', '0')
  await raw.config('SET', 'min-replicas-to-write', '0')
}
