import { parseArgs } from 'node:util'
import { type Command, type CommandIo, WRONG_USAGE } from './command.ts'
import { CONFIG_OPTION } from './config-check.ts'

/**
 * The command that runs the service, which is also what happens without a command.
 *
 * @param start loads the configuration (from `configFile`, or undefined for the default) and serves until told to stop
 */
export function startCommand(start: (configFile: string | undefined, io: CommandIo) => Promise<number>): Command {
  return {
    name: START,
    summary: 'Run the service; this is also what happens without a command',
    options: { config: CONFIG_OPTION },
    exitCodes: {
      0: 'It was told to stop and has stopped.',
      1: 'It cannot start: a port is taken, or the keys, the admin listener’s credentials or the audit file cannot be used.',
      [WRONG_USAGE]: 'The configuration is not valid.',
    },
    run(args, io) {
      const { values } = parseArgs({ args: [...args], options: { config: { type: 'string', short: 'c' } } })
      return start(values.config, io)
    },
  }
}

export const START = 'start'
