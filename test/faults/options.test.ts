import { describe, expect, test } from 'vitest'
import { readOptions, UsageError } from '../../faults/options.ts'

describe('the options of npm run faults', () => {
  test('have defaults for the bounded set', () => {
    expect(readOptions([], 1_700_000_000_123)).toEqual({
      rounds: undefined,
      only: [],
      maxStalenessMs: 4000,
      seed: 123,
      keep: undefined,
      write: false,
    })
  })

  test('are read', () => {
    const args = '--rounds 2000 --only sentinel --only redis-kill --staleness 30 --seed 7 --keep there --write'
    expect(readOptions(args.split(' '), 0)).toEqual({
      rounds: 2000,
      only: ['sentinel', 'redis-kill'],
      maxStalenessMs: 30_000,
      seed: 7,
      keep: 'there',
      write: true,
    })
  })

  test.for([
    ['--rounds', '0'],
    ['--rounds', 'many'],
    ['--rounds', '1.5'],
    ['--rounds', '1000001'],
    ['--staleness', '-1'],
    ['--seed', ''],
    ['--seeds', '1'],
    ['sentinel-kill'],
  ])('refuse %s', (args) => {
    expect(() => readOptions(args, 0)).toThrow(UsageError)
  })
})
