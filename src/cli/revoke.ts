import type { z } from 'zod'
import { type RevocationAnswer, revocationAnswer, type scope, subject } from '../admin/messages.ts'
import { ask, NOT_DONE, readArguments, withAdmin, wrongUsage } from './admin-run.ts'
import { ADMIN_OPTIONS, type Typed } from './admin-target.ts'
import { type Command, type CommandIo, type CommandOption, WRONG_USAGE } from './command.ts'
import { jsonText, plainText } from './plain-text.ts'

type Scope = z.input<typeof scope>

/** Exit code for a revocation that a failover of the store could lose. */
export const PENDING = 3

const OPTIONS = {
  reason: { type: 'string', value: 'TEXT', description: 'Why: stands in the audit log. Required.' },
  'requested-by': { type: 'string', value: 'NAME', description: 'Who asked for it: stands in the audit log.' },
  ...ADMIN_OPTIONS,
} as const satisfies Readonly<Record<string, CommandOption>>

const EXIT_CODES = {
  0: 'Accepted: no failover of the store can lose it.',
  [NOT_DONE]:
    'The admin API has refused, or cannot be reached. After a silence it may have been recorded: run it again.',
  [WRONG_USAGE]: 'The arguments are wrong.',
  [PENDING]:
    'Pending: recorded, but fewer replicas of the store have it than are wanted, or no majority of the Sentinels vouches for the master. Run it again.',
}

/** `gatehouse sessions revoke`: ends one session. */
export const sessionsRevoke: Command = {
  name: 'sessions revoke',
  summary: 'End one session, by the admin API',
  positionals: 'SID',
  options: OPTIONS,
  exitCodes: EXIT_CODES,
  details:
    '`sessions list` names the `SID`. One that begins with a hyphen goes behind `--`.\n\n```\ngatehouse sessions revoke --reason "laptop stolen" --token-file admin-token -- SID\n```',
  run: (args, io) => run(args, io, sessionsRevoke, (sid) => ({ type: 'Session', sid })),
}

/** `gatehouse revoke user`: ends every session of a person. */
export const revokeUser: Command = {
  name: 'revoke user',
  summary: 'End every session of a person, by the admin API',
  positionals: 'EMAIL|SUBJECT',
  options: OPTIONS,
  exitCodes: EXIT_CODES,
  details:
    'A text with an `@` is an email address and means every session that has it, or has had it since its sign-in, at whichever provider. A subject is Gatehouse’s own name for a person at one provider, 43 characters that `sessions list` shows; one that begins with a hyphen goes behind `--`.\n\n```\ngatehouse revoke user ada@example.com --reason "has left" --token-file admin-token\n```',
  run: (args, io) => run(args, io, revokeUser, userScope),
}

/** `gatehouse revoke application`: ends every app token of an application. */
export const revokeApplication: Command = {
  name: 'revoke application',
  summary: 'End every app token of an application, by the admin API',
  positionals: 'NAMESPACE/NAME',
  options: OPTIONS,
  exitCodes: EXIT_CODES,
  details: 'Sessions live on: whoever the policies still let in gets a new token without being asked.',
  run: (args, io) => run(args, io, revokeApplication, (application) => ({ type: 'Application', application })),
}

const ALL_OPTIONS = {
  yes: { type: 'boolean', description: 'Say that everybody is meant. Required.' },
  ...OPTIONS,
} as const satisfies Readonly<Record<string, CommandOption>>

/** `gatehouse revoke all`: ends every session and every app token. */
export const revokeAll: Command = {
  name: 'revoke all',
  summary: 'End every session and every app token, by the admin API',
  options: ALL_OPTIONS,
  exitCodes: EXIT_CODES,
  details: 'Everybody has to sign in again.',
  run: (args, io) => run(args, io, revokeAll, undefined),
}

/** A name that nobody has would be revoked like any other, and pass for a success. */
function userScope(user: string): Scope | { readonly problem: string } {
  if (/^[^\s@]+@[^\s@]+$/.test(user)) return { type: 'Email', email: user }
  if (subject.safeParse(user).success) return { type: 'Subject', subject: user }
  return {
    problem: `${user} is neither an email address nor a subject; a subject is Gatehouse’s own, of 43 characters, and \`sessions list\` shows it`,
  }
}

/** @param scopeOf what the argument means, or what is wrong with it; undefined: there is none, and everybody is meant */
async function run(
  args: readonly string[],
  io: CommandIo,
  { options = {}, positionals }: Command,
  scopeOf: ((argument: string) => Scope | { readonly problem: string }) | undefined,
): Promise<number> {
  const { typed, named } = readArguments(args, options, positionals)
  if (typed.reason === undefined) return wrongUsage(io, '--reason is needed: it stands in the audit log')
  if (scopeOf === undefined && typed.yes !== true)
    return wrongUsage(io, '--yes is needed: everybody has to sign in again')
  const [argument = ''] = named
  const meant = scopeOf?.(argument) ?? ({ type: 'Everybody', confirm: 'everybody' } as const)
  return 'problem' in meant ? wrongUsage(io, plainText(meant.problem)) : revoke(meant, typed, io)
}

function revoke(scope: Scope, typed: Typed, io: CommandIo): Promise<number> {
  const requestedBy = typed['requested-by']
  const body = { scope, reason: typed.reason, ...(requestedBy === undefined ? {} : { requestedBy }) }
  return withAdmin(typed, io, async (target) => {
    const answer = await ask(target, { method: 'POST', path: '/v1/revocations', body }, revocationAnswer, io)
    if (answer === undefined) return NOT_DONE
    io.stdout.write(typed.json === true ? jsonText(answer) : answerText(answer))
    return answer.status === 'accepted' ? 0 : PENDING
  })
}

function answerText({ status, at, holders, wanted, removedRecords, note }: RevocationAnswer): string {
  const lines = [
    `${status}: nothing issued up to ${at} counts any more`,
    `replicas of the store that have it: ${holders} of ${wanted}`,
    ...(status === 'pending' && holders >= wanted ? ['but no majority of the Sentinels vouches for the master'] : []),
    `records of sessions removed: ${removedRecords}`,
    ...(note === undefined ? [] : [`note: ${note}`]),
  ]
  return plainText(`${lines.join('\n')}\n`)
}
