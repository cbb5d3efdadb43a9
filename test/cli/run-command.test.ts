import { describe, expect, test } from 'vitest'
import type { Command, CommandIo } from '../../src/cli/command.ts'
import { commands, runCommand } from '../../src/cli/index.ts'
import { startCommand } from '../../src/cli/start.ts'
import { filesOf, minimal } from '../config/files.ts'

async function run(argv: readonly string[], options: Partial<CommandIo> & { known?: readonly Command[] } = {}) {
  let out = ''
  let err = ''
  const io: CommandIo = {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
    cwd: '/srv',
    readFile: filesOf({ '/srv/gatehouse.yaml': minimal(), '/srv/bad.yaml': minimal({ namespace: 'A', store: '{}' }) }),
    ...options,
  }
  const code = await runCommand(argv, io, options.known)
  return { code, out, err }
}

describe('gatehouse config check', () => {
  test('says that a valid configuration is valid', async () => {
    expect(await run(['config', 'check'])).toEqual({ code: 0, out: 'configuration is valid\n', err: '' })
  })

  test('prints every problem and exits 2', async () => {
    const { code, out, err } = await run(['config', 'check', '--config', 'bad.yaml'], { env: { GATEHOUSE_X_Y: '' } })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toBe(`configuration is not valid: 3 problems

  GATEHOUSE_X_Y
    found     a variable that is no setting
    expected  a setting, or no prefix \`GATEHOUSE_\`
    where     GATEHOUSE_X_Y

  namespace
    found     "A"
    expected  the name of a Kubernetes namespace: at most 63 of a-z, 0-9 and \`-\`
    where     bad.yaml:5

  store.type
    found     nothing
    expected  one of \`Memory\`, \`Redis\`
    where     bad.yaml:3
`)
  })

  test.for([[['config', 'check', '--confg', 'x']], [['config', 'check', 'extra']], [['config', 'check', '--config']]])(
    'answers wrong usage with its help and exit code 2: %j',
    async ([argv]) => {
      const { code, out, err } = await run(argv as string[])
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toContain('Usage: gatehouse config check [options]')
    },
  )
})

describe('the command line', () => {
  test.for([['--help'], ['-h'], ['help']])('lists all commands for %s', async (argv) => {
    const { code, out, err } = await run(argv)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const { name, summary } of commands) expect(out).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'))
  })

  test.for([[['config', 'check', '--help']], [['config', 'check', '-c', 'x', '-h']], [['help', 'config', 'check']]])(
    'explains one command for %j',
    async ([argv]) => {
      const { code, out } = await run(argv as string[])
      expect(code).toBe(0)
      expect(out).toContain('--config FILE')
      expect(out).toContain('Exit codes:')
    },
  )

  test('lists the commands that begin with a word', async () => {
    const { code, out } = await run(['config', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('config check')
  })

  test.for([
    [['conifg', 'check'], 'gatehouse config check'],
    [['config', 'chek'], 'gatehouse config check'],
    [['config'], 'gatehouse config check'],
    [['conf'], 'gatehouse config check'],
    [['xyzzy'], undefined],
    [['help', 'xyzzy'], undefined],
    [['--version'], undefined],
    [[], undefined],
  ] as const)('exits 2 for %j and suggests %s', async ([argv, meant]) => {
    const { code, out, err } = await run(argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('Usage: gatehouse')
    if (meant === undefined) expect(err).not.toContain('did you mean')
    else expect(err).toContain(`did you mean \`${meant}\`?`)
  })

  test.for([
    [[], undefined],
    [['--config', 'a.yaml'], 'a.yaml'],
    [['-c', 'a.yaml'], 'a.yaml'],
    [['start'], undefined],
    [['start', '--config=a.yaml'], 'a.yaml'],
  ] as const)('starts the service for %j', async ([argv, expected]) => {
    const asked: (string | undefined)[] = []
    const start = startCommand(async (file) => asked.push(file) * 7)
    expect((await run(argv, { known: [start, ...commands] })).code).toBe(7)
    expect(asked).toEqual([expected])
  })

  test('lets faults through that are no wrong usage', async () => {
    const fault = new TypeError('fault')
    const known = [{ name: 'break', summary: 'Break', run: () => Promise.reject(fault) }]
    await expect(run(['break'], { known })).rejects.toBe(fault)
  })
})
