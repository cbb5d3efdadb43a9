import { parseArgs } from 'node:util'
import { DEFAULT_CONFIG_FILE, loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { type Command, type CommandOption, WRONG_USAGE } from './command.ts'

export const CONFIG_OPTION: CommandOption = {
  type: 'string',
  short: 'c',
  value: 'FILE',
  default: DEFAULT_CONFIG_FILE,
  description: 'The configuration. Without the option the file may be absent if the environment gives settings.',
}

/** `gatehouse config check`: reads the configuration as the service would at start, and does nothing else. */
export const configCheck: Command = {
  name: 'config check',
  summary: 'Check the configuration, the environment included',
  options: { config: CONFIG_OPTION },
  exitCodes: {
    0: 'The configuration is valid, and the service can use the files that it opens at its start.',
    1: 'The configuration is valid, but the service cannot start, or would answer 503: the keys, the admin listener’s credentials, the audit file or the directory of resources cannot be used.',
    [WRONG_USAGE]: 'It is not valid: every problem has been printed.',
  },
  details:
    'Every problem is printed with the setting, what was found, what was expected and where: a line of the file or an environment variable. Secrets are not shown. Files that hold secrets are read, and so are the key file, if there is one, and the files of the admin listener’s credentials, and whether the audit file can be written and the directory of resources be read is looked at: run it as the user and in the place of the service.',

  async run(args, { cwd, env, readFile, startObstacles, stdout, stderr }) {
    const { values } = parseArgs({ args: [...args], options: { config: { type: 'string', short: 'c' } } })
    const result = await loadConfig({ file: values.config, cwd, env, readFile })
    if (result.ok) {
      const obstacles = (await startObstacles?.(result.config)) ?? []
      for (const obstacle of obstacles) stderr.write(`${obstacle}\n`)
      if (obstacles.length > 0) return 1
      stdout.write('configuration is valid\n')
      return 0
    }
    const count = result.problems.length
    stderr.write(`configuration is not valid: ${count} ${count === 1 ? 'problem' : 'problems'}\n\n`)
    stderr.write(formatProblems(result.problems))
    return WRONG_USAGE
  },
}
