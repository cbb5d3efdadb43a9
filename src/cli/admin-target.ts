import { ADMIN_CLIENT_VARIABLES } from '../config/environment.ts'
import type { AdminTarget } from './admin-exchange.ts'
import type { CommandIo, CommandOption } from './command.ts'
import { readText } from './read-text.ts'

const DEFAULT_URL = 'http://127.0.0.1:9091'

/** Options of every command that calls the admin API. */
export const ADMIN_OPTIONS = {
  'admin-url': {
    type: 'string',
    value: 'URL',
    default: DEFAULT_URL,
    description: `Where the admin listener is. Or \`${ADMIN_CLIENT_VARIABLES.url}\`.`,
  },
  'token-file': {
    type: 'string',
    value: 'FILE',
    description: `File of the bearer token. Or \`${ADMIN_CLIENT_VARIABLES.tokenFile}\`.`,
  },
  ca: {
    type: 'string',
    value: 'FILE',
    description: `Authorities that the listener’s certificate has to be signed by, in place of the system’s. Or \`${ADMIN_CLIENT_VARIABLES.ca}\`.`,
  },
  cert: {
    type: 'string',
    value: 'FILE',
    description: `Client certificate. Or \`${ADMIN_CLIENT_VARIABLES.cert}\`.`,
  },
  key: { type: 'string', value: 'FILE', description: `Its private key. Or \`${ADMIN_CLIENT_VARIABLES.key}\`.` },
  'allow-plaintext': {
    type: 'boolean',
    description: 'Send the token to another host without TLS, because something else protects the way.',
  },
  json: { type: 'boolean', description: 'Print JSON.' },
} as const satisfies Readonly<Record<string, CommandOption>>

/** Options as they were typed. */
export type Typed = Readonly<Record<string, string | boolean | undefined>>

/** The value of an option, and what gave it: the option itself or a variable. */
interface Given {
  readonly text: string
  readonly from: string
}

/** Works out where the admin API is and reads the credentials, or says what is wrong with the options. */
export async function readAdminTarget(
  typed: Typed,
  io: CommandIo,
): Promise<AdminTarget | { readonly problem: string }> {
  const given = (name: keyof typeof ADMIN_OPTIONS, variable: string): Given | undefined => {
    const typedText = textOf(typed[name])
    if (typedText !== undefined) return { text: typedText, from: `--${name}` }
    const text = io.env[variable]
    return text ? { text, from: variable } : undefined
  }
  const url = readUrl(given('admin-url', ADMIN_CLIENT_VARIABLES.url)?.text ?? DEFAULT_URL)
  if (url === undefined) return { problem: '--admin-url takes an http or https URL without path and query' }
  const files = {
    token: given('token-file', ADMIN_CLIENT_VARIABLES.tokenFile),
    ca: given('ca', ADMIN_CLIENT_VARIABLES.ca),
    cert: given('cert', ADMIN_CLIENT_VARIABLES.cert),
    key: given('key', ADMIN_CLIENT_VARIABLES.key),
  }
  const problem = problemOf(url, files, typed['allow-plaintext'] === true)
  if (problem !== undefined) return { problem }

  const contents: Record<string, string> = {}
  for (const [name, file] of Object.entries(files)) {
    if (file === undefined) continue
    const content = await readText(file.text, io)
    if (typeof content !== 'string') return { problem: `${file.from}: ${content.trouble}` }
    contents[name] = content
  }
  const token = contents.token?.replace(/\r?\n$/, '')
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    return { problem: `${files.token?.from}: ${files.token?.text} holds no token` }
  return { url, token, ca: contents.ca, cert: contents.cert, key: contents.key }
}

function problemOf(
  url: URL,
  { token, ca, cert, key }: Readonly<Record<'token' | 'ca' | 'cert' | 'key', Given | undefined>>,
  allowPlaintext: boolean,
): string | undefined {
  if ((cert === undefined) !== (key === undefined)) return '--cert and --key belong together'
  if (token === undefined && cert === undefined)
    return 'a credential is needed: --token-file, or --cert and --key, or all'
  if (url.protocol === 'https:') return undefined
  if (ca !== undefined || cert !== undefined) return '--ca, --cert and --key are for an https URL'
  if (!allowPlaintext && !isLoopback(url.hostname)) {
    return 'the token would be sent to another host without TLS: give an https URL, or --allow-plaintext'
  }
  return undefined
}

function readUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return undefined
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url : undefined
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
