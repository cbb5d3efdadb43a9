import { ReplyError } from 'ioredis'
import { expect, test } from 'vitest'
import { clusterRoute } from '../../src/redis/cluster-route.ts'

const at = (port: number) => ({ host: '10.0.0.1', port })
const reply = (message: string) => new ReplyError(message)

test('tries one node after the other, and each once a round', () => {
  const route = clusterRoute(() => [at(1), at(2), at(1)])
  const tried = Array.from({ length: 4 }, () => {
    const next = route.next()
    route.missed(new Error('ECONNREFUSED'))
    return next?.port
  })
  expect(tried).toEqual([1, 2, 1, 2])
})

test.for([
  ['MOVED 3999 10.0.0.9:7', { host: '10.0.0.9', port: 7, name: '10.0.0.9' }],
  ['MOVED 3999 redis-9:7', { host: 'redis-9', port: 7, name: 'redis-9' }],
  ['MOVED 3999 fd00::9:7', { host: 'fd00::9', port: 7, name: 'fd00::9' }],
  ['MOVED 3999 :7', { host: '10.0.0.1', port: 7, name: '10.0.0.1' }],
] as const)('goes where a node says: %s', ([message, destination]) => {
  const route = clusterRoute(() => [at(1), at(2)])
  route.next()
  route.missed(reply(message))
  expect(route.next()).toEqual(destination)
  // Once there, what it says counts, whatever is known.
  expect(route.next()).toEqual(destination)
})

test.for(['MOVED', 'MOVED 1 nonsense', 'MOVED 1 host:0', 'ASK 3999 10.0.0.9:7'])(
  'goes on with the next node at %j',
  (message) => {
    const route = clusterRoute(() => [at(1), at(2)])
    route.next()
    route.missed(reply(message))
    expect(route.next()?.port).toBe(2)
  },
)

test('leaves a node that it was sent to and that is away', () => {
  const route = clusterRoute(() => [at(1), at(2)])
  route.next()
  route.missed(reply('MOVED 3999 10.0.0.1:9'))
  expect(route.next()?.port).toBe(9)
  route.missed(new Error('ECONNREFUSED'))
  expect(route.next()?.port).toBe(2)
})

test('goes nowhere as long as no node is known', () => {
  expect(clusterRoute(() => []).next()).toBeUndefined()
})
