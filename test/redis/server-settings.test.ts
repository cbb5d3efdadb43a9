import { expect, test } from 'vitest'
import { readInfo } from '../../src/redis/info.ts'
import { inspectServers, judge, type ServerFacts } from '../../src/redis/server-settings.ts'
import { until } from '../parts/until.ts'
import { recordedEvents } from './recorded-events.ts'

const SOUND = {
  redis_version: '7.2.4',
  maxmemory_policy: 'noeviction',
  connected_slaves: '1',
  aof_enabled: '1',
}

function facts(fields: Partial<typeof SOUND>, save?: string): ServerFacts {
  const lines = Object.entries({ ...SOUND, ...fields }).map(([name, value]) => `${name}:${value}`)
  return { info: readInfo(`# Server\r\n${lines.join('\r\n')}\r\n`), save }
}

const unsafe = (server: ServerFacts, leastReplicas = 1) =>
  judge(server, leastReplicas).flatMap(({ setting, found }) => (found === undefined ? [] : [[setting, found]]))

test('nothing is wrong with a server that is as it has to be', () => {
  expect(judge(facts({}), 1)).toEqual([
    { setting: 'maxmemory-policy', found: undefined, expected: 'noeviction' },
    { setting: 'version', found: undefined, expected: '7.0 or newer' },
    { setting: 'replicas', found: undefined, expected: 'at least 1' },
    { setting: 'persistence', found: undefined, expected: 'an append-only file, or snapshots' },
  ])
})

test.for([
  ['it may evict anything', facts({ maxmemory_policy: 'allkeys-lru' }), ['maxmemory-policy', 'allkeys-lru']],
  [
    'it may evict what expires, as everything does',
    facts({ maxmemory_policy: 'volatile-ttl' }),
    ['maxmemory-policy', 'volatile-ttl'],
  ],
  ['it is old', facts({ redis_version: '6.2.14' }), ['version', '6.2.14']],
  ['it is of no known version', facts({ redis_version: 'x' }), ['version', 'x']],
  ['it has no replica', facts({ connected_slaves: '0' }), ['replicas', '0']],
  ['nothing is written to disk', facts({ aof_enabled: '0' }, ''), ['persistence', 'nothing is kept on disk']],
] as const)('a server is unsafe when %s', ([, server, finding]) => {
  expect(unsafe(server)).toEqual([finding])
})

test.for([
  ['it is newer than all we know', facts({ redis_version: '10.0.0' }), 1],
  ['nobody asks for replicas', facts({ connected_slaves: '0' }), 0],
  ['it takes snapshots', facts({ aof_enabled: '0' }, '3600 1'), 1],
  ['it may not be asked about snapshots', facts({ aof_enabled: '0' }), 1],
  ['it says nothing of all that', { info: readInfo('# Nothing\r\n'), save: undefined }, 1],
] as const)('a server is not called unsafe when %s', ([, server, leastReplicas]) => {
  expect(unsafe(server, leastReplicas)).toEqual([])
})

test('what is found at several masters is reported as one, and each change once', async () => {
  const events = recordedEvents()
  const servers = new Map([
    ['a', facts({})],
    ['b', facts({ maxmemory_policy: 'allkeys-lru' })],
  ])
  let looks = 0
  const inspection = inspectServers(events, 1, async (client) => {
    looks += 1
    return servers.get(String(await client.info()))
  })
  const look = async (name: string) => {
    const expected = looks + 1
    inspection.look(name, { info: async () => name, config: async () => [] } as never)
    await until('it was looked at', () => looks === expected)
    await Promise.resolve()
  }
  const policies = () =>
    events.settings.filter(({ setting }) => setting === 'maxmemory-policy').map(({ found, isOver }) => [found, isOver])
  await look('a')
  await until('it is reported', () => policies().length === 1)
  await look('b')
  await look('b')
  await look('a')
  await until('it is reported', () => policies().length === 2)
  servers.set('b', facts({}))
  await look('b')
  await until('it is reported', () => policies().length === 3)
  expect(policies()).toEqual([
    [undefined, false],
    ['allkeys-lru', false],
    [undefined, true],
  ])
})
