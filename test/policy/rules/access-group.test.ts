import { describe, expect, test } from 'vitest'
import { accessGroup } from '../../../src/policy/rules/access-group.ts'
import { constantRule } from '../sample.ts'
import { schemaTable } from './cases.ts'

const WORDS = /expected the name of an AccessGroup/

schemaTable(
  'accessGroup',
  [{ name: 'engineers' }, { name: 'a.b-c' }, { name: 'staff', namespace: 'gatehouse-system' }],
  [
    ['engineers', /expected object/],
    [{}, /expected string/],
    [{ name: '' }, WORDS],
    [{ name: 'Engineers' }, WORDS],
    [{ name: '-a' }, WORDS],
    [{ name: 'a-' }, WORDS],
    [{ name: 'team/engineers' }, WORDS],
    [{ name: 'a_b' }, WORDS],
    [{ name: 'a'.repeat(254) }, /253/],
    [{ name: 'a', namespace: '' }, WORDS],
    [{ name: 'a', kind: 'b' }, /[Uu]nrecognized key.*kind/],
  ],
)

describe('accessGroup', () => {
  test('is the rule that its reference resolves to', () => {
    const asked: unknown[] = []
    const resolved = constantRule('unknown')
    const compiled = accessGroup.compile(
      { name: 'engineers', namespace: 'gatehouse-system' },
      {
        accessGroup: (reference) => {
          asked.push(reference)
          return resolved
        },
      },
    )
    expect(asked).toEqual([{ name: 'engineers', namespace: 'gatehouse-system' }])
    expect(compiled.needsIdentity).toBe(true)
    expect(compiled.test).toBe(resolved.test)
  })
})
