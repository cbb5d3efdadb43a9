import { MAX_PAGE, type SessionMessage, sessionPage, subject } from '../admin/messages.ts'
import type { AdminTarget } from './admin-exchange.ts'
import { ask, NOT_DONE, readArguments, withAdmin, wrongUsage } from './admin-run.ts'
import { ADMIN_OPTIONS, type Typed } from './admin-target.ts'
import { type Command, type CommandIo, type CommandOption, WRONG_USAGE } from './command.ts'
import { jsonText, tableText } from './plain-text.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 100_000

const FILTERS = ['subject', 'email', 'provider', 'application', 'all'] as const

const OPTIONS = {
  subject: {
    type: 'string',
    value: 'SUBJECT',
    description:
      'Those of a person at one provider, by Gatehouse’s own name for them: 43 characters, which the list shows.',
  },
  email: { type: 'string', value: 'ADDRESS', description: 'Those that have an email address now.' },
  provider: { type: 'string', value: 'NAME', description: 'Those begun at an `IdentityProvider`.' },
  application: {
    type: 'string',
    value: 'NAMESPACE/NAME',
    description: 'Those that an application has let in.',
  },
  all: { type: 'boolean', description: 'All.' },
  limit: {
    type: 'string',
    value: 'NUMBER',
    default: String(DEFAULT_LIMIT),
    description: `The most sessions to print, up to ${MAX_LIMIT}.`,
  },
  ...ADMIN_OPTIONS,
} as const satisfies Readonly<Record<string, CommandOption>>

/** `gatehouse sessions list`: who is signed in. */
export const sessionsList: Command = {
  name: 'sessions list',
  summary: 'List live sessions, by the admin API',
  options: OPTIONS,
  exitCodes: {
    0: 'They have been listed.',
    [NOT_DONE]: 'The admin API has refused, or cannot be reached.',
    [WRONG_USAGE]: 'The arguments are wrong.',
  },
  details:
    'Exactly one of `--subject`, `--email`, `--provider`, `--application` and `--all` says which. Sessions that a revocation hits are listed as well until their records are gone: STATE says `revoked`. `revoke user` takes what stands under SUBJECT.\n\n```\ngatehouse sessions list --email ada@example.com --token-file admin-token\n```',

  async run(args, io) {
    const { typed } = readArguments(args, OPTIONS, undefined)
    const filters = FILTERS.filter((name) => typed[name] !== undefined)
    const [filter] = filters
    if (filter === undefined || filters.length > 1) {
      return wrongUsage(io, `exactly one of ${FILTERS.map((name) => `--${name}`).join(', ')} is needed`)
    }
    if (typed.subject !== undefined && !subject.safeParse(typed.subject).success) {
      return wrongUsage(io, '--subject takes a subject: Gatehouse’s own, 43 characters, as the list shows it')
    }
    const limit = Number(typed.limit ?? DEFAULT_LIMIT)
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      return wrongUsage(io, `--limit takes a whole number from 1 to ${MAX_LIMIT}`)
    }
    return withAdmin(typed, io, (target) => list(target, { [filter]: String(typed[filter]) }, limit, typed, io))
  },
}

async function list(
  target: AdminTarget,
  filter: Readonly<Record<string, string>>,
  limit: number,
  typed: Typed,
  io: CommandIo,
): Promise<number> {
  const sessions: SessionMessage[] = []
  let after: string | undefined
  do {
    const size = Math.min(MAX_PAGE, limit - sessions.length)
    const query = { ...filter, limit: String(size), ...(after === undefined ? {} : { after }) }
    const page = await ask(target, { method: 'GET', path: '/v1/sessions', query }, sessionPage, io)
    if (page === undefined) return NOT_DONE
    sessions.push(...page.sessions)
    after = page.next
  } while (after !== undefined && sessions.length < limit)

  io.stdout.write(typed.json === true ? jsonText({ sessions }) : tableText(HEADINGS, sessions.map(rowOf)))
  if (after !== undefined) io.stderr.write(`there may be more: these are the first ${sessions.length}; see --limit\n`)
  return 0
}

const HEADINGS = ['SID', 'PROVIDER', 'PERSON', 'SIGNED IN', 'LAST SEEN', 'EXPIRES', 'FROM', 'STATE', 'SUBJECT']

function rowOf(session: SessionMessage): string[] {
  const {
    sid,
    provider,
    subject,
    email,
    name = '',
    createdAt,
    lastSeenAt,
    expiresAt,
    clientAddress,
    isRevoked,
  } = session
  const times = [createdAt, lastSeenAt, expiresAt].map((moment) => moment.replace(/\.\d+Z$/, 'Z'))
  const state = isRevoked ? 'revoked' : 'live'
  return [sid, provider, email ?? name, ...times, clientAddress ?? '', state, subject]
}
