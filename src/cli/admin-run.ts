import { parseArgs } from 'node:util'
import type { z } from 'zod'
import { problem as problemSchema } from '../admin/messages.ts'
import { type AdminCall, type AdminTarget, callAdmin } from './admin-exchange.ts'
import { readAdminTarget, type Typed } from './admin-target.ts'
import { type CommandIo, type CommandOption, WRONG_USAGE } from './command.ts'
import { plainText } from './plain-text.ts'

/** Exit code for what has been refused, or could not be asked. */
export const NOT_DONE = 1

/** What was typed behind a command's name. */
export interface AdminArguments {
  readonly typed: Typed
  /** The positionals. */
  readonly named: readonly string[]
}

/**
 * Reads options and positionals. Throws as `parseArgs` does.
 *
 * @param positional what the one positional is called in the help; undefined: the command takes none. Another number is wrong
 * usage
 */
export function readArguments(
  args: readonly string[],
  options: Readonly<Record<string, CommandOption>>,
  positional: string | undefined,
): AdminArguments {
  const known = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]))
  const parsed = parseArgs({ args: [...args], options: known, allowPositionals: true })
  if (parsed.positionals.length !== (positional === undefined ? 0 : 1)) {
    const [what, which] = positional === undefined ? ['no', ''] : ['1', ` (${positional})`]
    const error = new Error(`${what} argument is expected besides options${which}, not ${parsed.positionals.length}`)
    throw Object.assign(error, { code: 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' })
  }
  return { typed: parsed.values as Typed, named: parsed.positionals }
}

/** Says that the options are wrong. */
export function wrongUsage({ stderr }: CommandIo, text: string): number {
  stderr.write(`${text}\n`)
  return WRONG_USAGE
}

/**
 * Finds the admin API, and lets something be done with it.
 *
 * @returns the exit code; 2 if the options are wrong, which has been said
 */
export async function withAdmin(
  typed: Typed,
  io: CommandIo,
  act: (target: AdminTarget) => Promise<number>,
): Promise<number> {
  const target = await readAdminTarget(typed, io)
  return 'problem' in target ? wrongUsage(io, target.problem) : act(target)
}

/**
 * Makes one call.
 *
 * @returns what was answered, or undefined: it has been said why not
 */
export async function ask<Schema extends z.ZodType>(
  target: AdminTarget,
  call: AdminCall,
  schema: Schema,
  { stderr }: CommandIo,
): Promise<z.output<Schema> | undefined> {
  const reply = await callAdmin(target, call)
  if ('trouble' in reply) {
    stderr.write(`${plainText(reply.trouble)}\n`)
    return undefined
  }
  const answer = schema.safeParse(reply.body)
  if (reply.status < 300 && answer.success) return answer.data
  const refused = problemSchema.safeParse(reply.body)
  stderr.write(
    refused.success
      ? refusalText(refused.data, reply.retryAfterSeconds)
      : `the answer ${reply.status} is not one of the admin API\n`,
  )
  return undefined
}

function refusalText(
  { detail, reason, errors = [], reference }: z.output<typeof problemSchema>,
  retryAfterSeconds: number | undefined,
): string {
  const fields = errors.map(({ field, expected }) => `  ${field || 'the whole'}: expected ${expected}\n`)
  const found = reference === undefined ? '' : ` (reference ${reference})`
  const unit = retryAfterSeconds === 1 ? 'second' : 'seconds'
  const wait = retryAfterSeconds === undefined ? '' : ` Ask again in ${retryAfterSeconds} ${unit}.`
  const why = wait === '' ? detail : detail.replace(/ Ask again\.$/, '')
  return plainText(`refused, ${reason}: ${why}${found}${wait}\n${fields.join('')}`)
}
