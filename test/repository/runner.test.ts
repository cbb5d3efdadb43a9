import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { findProgram } from '../parts/programs.ts'

const config = 'test/repository/fixtures/runner/vitest.config.ts'

/** Runs the runner on fixtures, on a search path where no program but node is. */
function run(fixtures: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test.ts', '--config', config, ...fixtures], {
    encoding: 'utf8',
    env: { PATH: dirname(process.execPath), HOME: process.env.HOME, NO_COLOR: '1', ...environment },
  })
  const lines = stdout.trimEnd().split('\n')
  return { status, lines, last: lines.at(-1), all: stdout + stderr }
}

test('a run whose tests pass ends with the counts and exits 0', () => {
  expect(run(['passes'])).toMatchObject({ status: 0, last: '1 passed, 0 failed, 0 skipped' })
})

test('a failing test, a failing hook and a file that cannot be loaded count as failed, and the run exits 1', () => {
  expect(run(['passes', 'fails', 'broken'])).toMatchObject({ status: 1, last: '1 passed, 3 failed, 1 skipped' })
})

test('a pattern that finds no test file exits 1', () => {
  expect(run(['no-such-file'])).toMatchObject({ status: 1, last: '0 passed, 0 failed, 0 skipped' })
})

test('a suite whose program is missing is skipped, and the end names it, the program and the remedy', () => {
  const { status, lines, last } = run(['passes', 'needs'])
  expect({ status, last }).toEqual({ status: 0, last: '1 passed, 0 failed, 2 skipped' })
  expect(lines.slice(-5, -1)).toEqual([
    'Skipped because this machine lacks a program:',
    expect.stringMatching(/^ {2}wrk: needs\.fixture\.ts > a load test$/),
    expect.stringContaining('npm run test:setup'),
    '',
  ])
})

test('GATEHOUSE_REQUIRE=all makes a missing program a failure that names it', () => {
  const { status, last, all } = run(['passes', 'needs'], { GATEHOUSE_REQUIRE: 'all' })
  expect({ status, last }).toEqual({ status: 1, last: '1 passed, 1 failed, 0 skipped' })
  expect(all).toContain('wrk is missing')
})

test('another value of GATEHOUSE_REQUIRE is refused rather than ignored', () => {
  expect(run(['passes'], { GATEHOUSE_REQUIRE: 'al' }).status).toBe(2)
})

test('arguments reach vitest', () => {
  const { last } = run(['passes', '-t', 'no such title'])
  expect(last).toBe('0 passed, 0 failed, 1 skipped')
})

test('a program is found in the directories of the search path, in their order, and nowhere else', () => {
  expect(findProgram('wrk', '')).toBeUndefined()
  expect(findProgram('wrk', '/nonexistent:/proc')).toBeUndefined()
})
