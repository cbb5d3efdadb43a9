import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../parts/directory.ts'

const BENCH = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url))
const run = (...args: string[]) => promisify(execFile)(process.execPath, [BENCH, ...args])

describe('npm run bench', () => {
  test('measures a row with its baselines on a machine without wrk, and writes the figures as JSON', {
    timeout: 60_000,
  }, async () => {
    await using directory = await temporaryDirectory('bench-test')
    const file = join(directory.path, 'result.json')
    const { stdout } = await run(
      ...['--seconds', '0.2', '--only', 'check warm nginx user only', '--without-wrk', '--json', file],
    )

    expect(stdout).toContain('load by a Node program')
    const { runs, ...rest } = JSON.parse(await readFile(file, 'utf8'))
    expect(rest).toEqual({})
    expect(runs.map(({ name }: { name: string }) => name)).toEqual([
      'empty',
      'constant user only',
      'check warm nginx user only',
    ])
    for (const { name, ...figures } of runs) {
      expect(Object.keys(figures), name).toEqual([
        'requestsPerSecond',
        'p50Ms',
        'p99Ms',
        'ratioToEmpty',
        'ratioToConstant',
      ])
      for (const figure of Object.values(figures)) expect(figure).toBeGreaterThan(0)
    }
  })

  test('says by name that a peer is left out for want of its program', async () => {
    const { stdout } = await run('--only', 'oauth2-proxy')
    expect(stdout).toContain('left out: oauth2-proxy: --peer oauth2-proxy=PATH is not given.')
  })

  test.for([
    { args: ['--seconds', '0'], says: '--seconds is "0"; expected a number above 0' },
    { args: ['--peer', 'oauth2-proxy'], says: '--peer is "oauth2-proxy"; expected NAME=PATH' },
    { args: ['--only', 'no such row'], says: '--only "no such row" names nothing' },
    { args: ['--fast'], says: "Unknown option '--fast'" },
  ])('refuses $args and shows the usage', async ({ args, says }) => {
    const refusal = await run(...args).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 2, stderr: expect.stringContaining(says) })
    expect(refusal).toMatchObject({ stderr: expect.stringContaining('--seconds N') })
  })
})
