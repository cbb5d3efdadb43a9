import { expect, test } from 'vitest'
import { z } from 'zod'
import { text } from '../../src/policy/text.ts'

test.each([
  ['', false],
  ['a', true],
  ['aaa', true],
  ['aaaa', false],
  ['😀😀😀', true],
  ['😀😀😀😀', false],
  ['\ud800\ud800\ud800', true],
])('takes %j for a text of one to three characters: %s', (value, expected) => {
  expect(text(1, 3).safeParse(value).success).toBe(expected)
})

test('says how many characters there may be', () => {
  expect(text(2, 3).safeParse('a').error?.issues).toMatchObject([{ code: 'too_small', minimum: 2, origin: 'string' }])
  expect(text(2, 3).safeParse('aaaa').error?.issues).toMatchObject([{ code: 'too_big', maximum: 3, origin: 'string' }])
  expect(z.toJSONSchema(text(0, 3).optional())).toMatchObject({ type: 'string', maxLength: 3 })
})
