import { expect, test } from 'vitest'
import { codeBlocks } from '../repository/markdown.ts'
import { read } from '../repository/tree.ts'
import { CLUSTER_RIGHTS, RIGHTS } from './rights.ts'

const GUIDE = 'docs/guides/redis.md'

/** Commands that an ACL rule allows. */
const rightsIn = (text: string) => [...text.matchAll(/(?<![\w@])\+[a-z|-]+/g)].map(([right]) => right)

test('the guide of Redis gives its user exactly the rights that are needed', () => {
  const [rule = ''] = codeBlocks(GUIDE, '').filter((text) => text.includes('~gatehouse:*'))
  expect(rightsIn(rule)).toEqual(RIGHTS)
  expect(rule).toContain('resetchannels resetkeys ~gatehouse:* -@all')
})

test('the guide of Redis names what a Cluster needs besides', () => {
  const [, besides = ''] = /In a Cluster besides: `([^`]+)`/.exec(read(GUIDE)) ?? []
  expect(rightsIn(besides)).toEqual(CLUSTER_RIGHTS)
})
