import { describe, expect, test } from 'vitest'
import { createSentinelTally, VOTE_LIFE_MS } from '../../src/redis/sentinel-majority.ts'

type Step = readonly [at: number, sentinel: number, said: string | undefined | 'no answer']

/** [what happens, how many Sentinels, steps, asked at, majority, leading] */
const cases: readonly [string, number, readonly Step[], number, string | undefined, string | undefined][] = [
  ['nobody has answered', 3, [], 0, undefined, undefined],
  ['one of three has answered', 3, [[0, 0, 'a']], 0, undefined, undefined],
  [
    'two of three agree',
    3,
    [
      [0, 0, 'a'],
      [0, 1, 'a'],
    ],
    0,
    'a',
    'a',
  ],
  [
    'two of three agree, one says otherwise',
    3,
    [
      [0, 0, 'b'],
      [0, 1, 'a'],
      [0, 2, 'a'],
    ],
    0,
    'a',
    'a',
  ],
  [
    'two of four are no majority',
    4,
    [
      [0, 0, 'a'],
      [0, 1, 'a'],
    ],
    0,
    undefined,
    undefined,
  ],
  ['one alone is a majority of one', 1, [[0, 0, 'a']], 0, 'a', 'a'],
  [
    'two of five, and all others do not answer',
    5,
    [
      [0, 0, 'a'],
      [0, 1, 'a'],
      [0, 2, 'no answer'],
      [0, 3, 'no answer'],
      [0, 4, 'no answer'],
    ],
    0,
    undefined,
    'a',
  ],
  [
    'one of three, and the others do not answer',
    3,
    [
      [0, 0, 'a'],
      [0, 1, 'no answer'],
      [0, 2, 'no answer'],
    ],
    0,
    undefined,
    'a',
  ],
  [
    'one of three, and the others know no master',
    3,
    [
      [0, 0, 'a'],
      [0, 1, undefined],
      [0, 2, undefined],
    ],
    0,
    undefined,
    'a',
  ],
  [
    'a Sentinel has changed its mind',
    3,
    [
      [0, 0, 'a'],
      [0, 1, 'a'],
      [1, 0, 'b'],
    ],
    1,
    undefined,
    undefined,
  ],
  [
    'a Sentinel has forgotten the master',
    3,
    [
      [0, 0, 'a'],
      [0, 1, 'a'],
      [1, 0, undefined],
    ],
    1,
    undefined,
    undefined,
  ],
  [
    'one that does not answer is believed for a while',
    3,
    [
      [0, 0, 'a'],
      [0, 1, 'a'],
      [1, 0, 'no answer'],
    ],
    VOTE_LIFE_MS,
    'a',
    'a',
  ],
  [
    'and then no longer',
    3,
    [
      [0, 0, 'a'],
      [4, 1, 'a'],
      [5, 0, 'no answer'],
    ],
    VOTE_LIFE_MS + 1,
    undefined,
    undefined,
  ],
  [
    'what one said twice counts once',
    3,
    [
      [0, 0, 'a'],
      [1, 0, 'a'],
    ],
    1,
    undefined,
    undefined,
  ],
]

describe('of Sentinels', () => {
  test.for(cases)('%s', ([, size, steps, at, majority, leading]) => {
    const tally = createSentinelTally(size)
    for (const [askedAt, sentinel, said] of steps) {
      if (said === 'no answer') tally.failed(sentinel)
      else tally.answered(sentinel, said, askedAt)
    }
    expect({ majority: tally.majority(at), leading: tally.leading(at) }).toEqual({ majority, leading })
  })
})

test('a majority is as old as the oldest of the newest votes that make it', () => {
  const tally = createSentinelTally(3)
  tally.answered(0, 'a', 1000)
  expect(tally.namedAtMs('a', 1000)).toBeUndefined()
  tally.answered(1, 'a', 2000)
  expect(tally.namedAtMs('a', 2000)).toBe(1000)
  tally.answered(2, 'a', 3000)
  expect(tally.namedAtMs('a', 3000)).toBe(2000)
  expect(tally.namedAtMs('b', 3000)).toBeUndefined()
  expect(tally.namedAtMs('a', 2000 + VOTE_LIFE_MS)).toBe(2000)
  expect(tally.namedAtMs('a', 2001 + VOTE_LIFE_MS)).toBeUndefined()
})
