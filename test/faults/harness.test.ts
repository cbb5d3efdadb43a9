import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseHistory } from '../../faults/history.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { needs } from '../parts/needs.ts'

const ROOT = join(import.meta.dirname, '..', '..')

needs('redis-server', 'npm run faults', () => {
  test('plays a scenario on real programs, and finds every promise kept', { timeout: 120_000 }, async () => {
    await using directory = await temporaryDirectory('faults-test')
    const { code, output } = await run('--only', 'redis-reset', '--keep', directory.path)
    expect(output).not.toContain('BROKEN')
    expect(output).toMatch(/redis-reset +1 +[\d,]+ /)
    expect(code).toBe(0)
    const [file = ''] = await readdir(directory.path)
    const kinds = parseHistory(await readFile(join(directory.path, file), 'utf8')).map(({ kind }) => kind)
    for (const kind of ['world', 'session', 'token', 'check', 'revocation', 'fault', 'recovered']) {
      expect(kinds).toContain(kind)
    }
  })

  test('names the scenarios that there are when none is meant', async () => {
    const { code, output } = await run('--only', 'nothing of the kind')
    expect(output).toContain('--only names nothing; there are: redis-kill, ')
    expect(code).toBe(2)
  })
})

/** Told to end, it ends what it has started. */
function run(...args: string[]): Promise<{ code: number; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; output: string }>()
  const script = join(ROOT, 'faults', 'faults.ts')
  execFile(process.execPath, [script, ...args], { cwd: ROOT, timeout: 110_000 }, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
    resolve({ code, output: stdout + stderr })
  })
  return promise
}
