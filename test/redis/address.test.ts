import { expect, test } from 'vitest'
import { addressText, readAddress } from '../../src/redis/address.ts'

test.for([
  ['10.0.0.1', '10.0.0.1:6379'],
  ['::1', '[::1]:6379'],
  ['FD00::A', '[fd00::a]:6379'],
  ['::ffff:10.0.0.1', '10.0.0.1:6379'],
  ['Redis-0.Example.com', 'redis-0.example.com:6379'],
] as const)('an address has one spelling: %s', ([host, text]) => {
  expect(addressText({ host, port: 6379 })).toBe(text)
})

test.for([
  ['10.0.0.1:6379', { host: '10.0.0.1', port: 6379 }],
  ['::1:6379', { host: '::1', port: 6379 }],
  ['[::1]:6379', { host: '::1', port: 6379 }],
  [':6379', { host: '', port: 6379 }],
  ['host', undefined],
  ['host:', undefined],
  ['host:0', undefined],
  ['host:65536', undefined],
  ['', undefined],
] as const)('an address is read from %j', ([text, address]) => {
  expect(readAddress(text)).toEqual(address)
})
