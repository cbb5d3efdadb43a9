import { nearest } from '../config/nearest.ts'
import { type Command, type CommandIo, WRONG_USAGE } from './command.ts'
import { configCheck } from './config-check.ts'
import { explain } from './explain.ts'
import { helpOf, overview } from './help.ts'
import { revokeAll, revokeApplication, revokeUser, sessionsRevoke } from './revoke.ts'
import { sessionsList } from './sessions-list.ts'
import { START } from './start.ts'
import { validate } from './validate.ts'

/** Every subcommand, in the order of the help. */
export const commands: readonly Command[] = [
  configCheck,
  validate,
  explain,
  sessionsList,
  sessionsRevoke,
  revokeUser,
  revokeApplication,
  revokeAll,
]

/**
 * Runs the command that the arguments name. No command, or only options, means `start` if that is among the commands.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code; 2 if the arguments are wrong
 */
export async function runCommand(
  argv: readonly string[],
  io: CommandIo,
  known: readonly Command[] = commands,
): Promise<number> {
  const [first] = argv
  if (first === '--help' || first === '-h' || first === 'help') return help(argv.slice(1), io, known)
  const hasStart = known.some(({ name }) => name === START)
  const isBare = first === undefined || first.startsWith('-')
  const words = hasStart && isBare ? [START, ...argv] : argv

  const command = find(words, known)
  if (command === undefined) return unknownCommand(words, io, known)
  const args = words.slice(command.name.split(' ').length)
  if (asksForHelp(args)) return help(command.name.split(' '), io, known)
  try {
    return await command.run(args, io)
  } catch (error) {
    if (!isWrongUsage(error)) throw error
    io.stderr.write(`${error.message}\n\n${helpOf(command)}`)
    return WRONG_USAGE
  }
}

function help(words: readonly string[], io: CommandIo, known: readonly Command[]): number {
  const command = find(words, known)
  if (command === undefined && words.length > 0) return unknownCommand(words, io, known)
  io.stdout.write(command === undefined ? overview(known) : helpOf(command))
  return 0
}

function find(words: readonly string[], known: readonly Command[]): Command | undefined {
  return known.find(({ name }) => name.split(' ').every((word, index) => words[index] === word))
}

function unknownCommand(words: readonly string[], { stderr, stdout }: CommandIo, known: readonly Command[]): number {
  const [first, ...rest] = words
  const sameWord = known.filter(({ name }) => first !== undefined && name.startsWith(`${first} `))
  if (sameWord.length > 0 && asksForHelp(rest)) {
    stdout.write(overview(sameWord))
    return 0
  }
  const typed = words.filter((word) => !word.startsWith('-')).slice(0, 2)
  const names = known.map(({ name }) => name)
  const begun = names.find((name) => first !== undefined && name.startsWith(first))
  const meant = nearest(typed.join(' '), names) ?? begun
  const hint = meant === undefined ? '' : `; did you mean \`gatehouse ${meant}\`?`
  stderr.write(
    typed.length === 0 ? overview(known) : `\`${typed.join(' ')}\` is no command${hint}\n\n${overview(known)}`,
  )
  return WRONG_USAGE
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? args.length : end).some((word) => word === '--help' || word === '-h')
}

function isWrongUsage(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}
