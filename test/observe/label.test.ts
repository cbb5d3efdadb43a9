import { expect, test } from 'vitest'
import { boundedLabel } from '../../src/observe/label.ts'

test('a word passes, again and again', () => {
  const label = boundedLabel()
  expect([label('corp'), label('provider-unreachable'), label('corp')]).toEqual([
    'corp',
    'provider-unreachable',
    'corp',
  ])
})

test('what is not one harmless word becomes other', () => {
  const label = boundedLabel()
  const refused = ['', 'two words', 'a@example.com', 'a"b', 'a\nb', 'a'.repeat(129), 'eyJhbGciOiJub25lIn0.e30.']
  expect(new Set(refused.map(label))).toEqual(new Set(['other']))
})

test('after so many different words there is only other', () => {
  const label = boundedLabel(2)
  expect(['a', 'b', 'c', 'a'].map(label)).toEqual(['a', 'b', 'other', 'a'])
})
