import { describe, expect, test } from 'vitest'
import { match } from '../../src/policy/match.ts'
import { destinationKey, EMPTY_POLICY_SET, policySet } from '../../src/policy/policy-set.ts'
import { applicationAt } from './sample.ts'

describe('policySet', () => {
  test('finds applications by key', () => {
    const one = applicationAt('one', 'one.example.com/')
    const set = policySet([one, applicationAt('two', 'two.example.com/')])
    expect(set.applications.get('team/one')).toBe(one)
    expect(set.applications.get('team/three')).toBeUndefined()
  })

  test('keeps an application without destinations', () => {
    const set = policySet([applicationAt('none')])
    expect(set.applications.has('team/none')).toBe(true)
    expect(set.hosts.size).toBe(0)
  })

  test('gives a destination that two claim to the first', () => {
    const first = applicationAt('first', 'app.example.com/a')
    const set = policySet([first, applicationAt('second', 'app.example.com/a', 'app.example.com/a/')])
    expect(match(set, 'app.example.com', '/a')).toBe(first)
    expect(match(set, 'app.example.com', '/a/b')).toBe(first)
  })

  test('takes names of object members for hosts and keys like any other', () => {
    const set = policySet([applicationAt('constructor', 'constructor/')])
    expect(match(set, 'constructor', '/')).toBe(set.applications.get('team/constructor'))
    expect(set.applications.get('__proto__')).toBeUndefined()
    expect(set.hosts.get('toString')).toBeUndefined()
  })

  test('is empty without applications', () => {
    expect(EMPTY_POLICY_SET.applications.size + EMPTY_POLICY_SET.hosts.size).toBe(0)
  })
})

describe('destinationKey', () => {
  test.each([
    ['/', ''],
    ['/admin', '/admin'],
    ['/admin/', '/admin'],
    ['/Admin', '/admin'],
    ['/%40Scope/', '/@scope'],
    ['/admin.', '/admin'],
  ])('of %s is %s', (path, key) => expect(destinationKey(path)).toBe(key))
})
