import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { objectLabel, type Position } from '../resources/objects.ts'
import { problemText } from '../resources/problem.ts'
import { isHealthy, isInForce, type ObjectStatus } from '../resources/status.ts'
import { type Command, WRONG_USAGE } from './command.ts'
import { INSTALLATION_OPTIONS, type ResourceSet, readInstallation, readResourceSet } from './resource-set.ts'

/** `gatehouse validate`: says of a directory of resources what the service would say, for a pipeline. */
export const validate: Command = {
  name: 'validate',
  summary: 'Check a directory of resources',
  positionals: 'DIR',
  options: {
    ...INSTALLATION_OPTIONS,
    audiences: {
      type: 'boolean',
      description: 'Print the audience of every application too, which origins verify; needs to know the auth host.',
    },
  },
  exitCodes: {
    0: 'Every object is valid and in force.',
    1: 'Something is not: every problem has been printed.',
    [WRONG_USAGE]: 'The arguments or the configuration are wrong.',
  },
  details:
    'Every problem is one line, `file:line: path: found …, expected …`; what objects make of each other follows, with the reason of the condition. Secrets are not looked up. Without `--config` or `--auth-url` whatever depends on the auth host is not checked.',

  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string', short: 'c' },
        'auth-url': { type: 'string' },
        namespace: { type: 'string' },
        audiences: { type: 'boolean' },
      },
    })
    const [directory, ...more] = positionals
    if (directory === undefined || more.length > 0) {
      io.stderr.write('validate takes one directory\n')
      return WRONG_USAGE
    }
    const installation = await readInstallation(values, io)
    if (typeof installation === 'number') return installation
    if (values.audiences === true && installation.urls === undefined) {
      io.stderr.write('--audiences needs --config or --auth-url: audiences are derived from the auth host\n')
      return WRONG_USAGE
    }
    const set = await readResourceSet(directory, installation, io)
    for (const line of report(set, directory)) io.stdout.write(`${line}\n`)
    if (values.audiences === true) for (const line of audiences(set)) io.stdout.write(`${line}\n`)
    return set.snapshot.problems.length === 0 && set.catalogue.statuses.every(isHealthy) ? 0 : 1
  },
}

function report({ snapshot, catalogue }: ResourceSet, directory: string): string[] {
  const at = ({ file, line }: Position) => `${join(directory, file)}${line === undefined ? '' : `:${line}`}: `
  const inForce = catalogue.statuses.filter(isInForce).length
  const unhealthy = catalogue.statuses.filter((status) => !isHealthy(status)).length
  return [
    ...snapshot.notices.map((notice) => `${at({ ...notice, line: notice.line })}${notice.text}`),
    ...snapshot.problems.map((problem) => `${at(problem)}${problemText(problem)}`),
    ...catalogue.statuses.flatMap((status) =>
      flaws(status).map((text) => `${status.position === undefined ? '' : at(status.position)}${text}`),
    ),
    `${catalogue.statuses.length} objects, ${inForce} in force, ${unhealthy} to mend`,
  ]
}

function audiences({ catalogue }: ResourceSet): string[] {
  return catalogue.statuses
    .filter(({ audience }) => audience !== undefined)
    .map(({ namespace, name, audience }) => `${namespace}/${name} ${audience}`)
}

/** What others make of an object; what is wrong with it alone is among the problems. */
function flaws(status: ObjectStatus): string[] {
  return status.conditions
    .filter((condition) => condition.status === 'False' && condition.message !== '' && condition.reason !== 'Invalid')
    .map(({ reason, message }) => `${objectLabel(status)}: ${reason}: ${message}`)
}
