import { parseArgs } from 'node:util'
import { DEFAULT_CONFIG_FILE } from '../config/load.ts'
import type { AccessRequest } from '../policy/access-request.ts'
import { plainDecision } from '../policy/decision.ts'
import { type Explanation, explain as explainDecision } from '../policy/explain.ts'
import { canonicalHost } from '../policy/host.ts'
import { isHttpMethod } from '../policy/http-method.ts'
import type { Identity } from '../policy/identity.ts'
import { isAddress } from '../policy/ip-range.ts'
import { match } from '../policy/match.ts'
import { isBelow, readTarget } from '../policy/path.ts'
import { type Reason, reasons } from '../policy/reasons.ts'
import type { Verdict } from '../policy/rule.ts'
import type { Catalogue } from '../resources/catalogue.ts'
import { problemText } from '../resources/problem.ts'
import { askerOf } from './asker.ts'
import { type Command, type CommandIo, WRONG_USAGE } from './command.ts'
import { readText } from './read-text.ts'
import { INSTALLATION_OPTIONS, readInstallation, readResourceSet } from './resource-set.ts'

const PORTAL = '/.gatehouse'

/** `gatehouse explain`: what a request would be answered, and why, down to each rule. */
export const explain: Command = {
  name: 'explain',
  summary: 'Say what a request would be answered, and why',
  options: {
    resources: {
      type: 'string',
      value: 'DIR',
      description: 'The directory of resources. Default: that of the configuration.',
    },
    url: { type: 'string', value: 'URL', description: 'The page asked for, exactly as a client would send it.' },
    method: { type: 'string', value: 'METHOD', default: 'GET', description: 'The HTTP method.' },
    'client-address': {
      type: 'string',
      value: 'IP',
      default: 'not known',
      description: 'Where the request comes from.',
    },
    as: {
      type: 'string',
      value: 'FILE',
      description:
        'YAML file that describes the person: provider, subject, email, emailVerified, name, preferredUsername, groups, groupsIncomplete, claims.',
    },
    email: { type: 'string', value: 'ADDRESS', description: 'Email address of the person, verified.' },
    group: { type: 'string', value: 'NAME', description: 'A group of the person. May stand several times.' },
    provider: {
      type: 'string',
      value: 'NAME',
      description: 'Provider that the person signed in with. Default: the only one there is.',
    },
    claim: {
      type: 'string',
      value: 'NAME=VALUE',
      description: 'A claim of the person; a value that reads as JSON is JSON. May stand several times.',
    },
    ...INSTALLATION_OPTIONS,
    config: {
      ...INSTALLATION_OPTIONS.config,
      default: `${DEFAULT_CONFIG_FILE}, without --resources and --auth-url`,
    },
  },
  exitCodes: {
    0: 'The request is allowed.',
    1: 'It is not.',
    [WRONG_USAGE]: 'The arguments or the configuration are wrong.',
  },
  details:
    'Without `--as`, `--email`, `--group`, `--provider` and `--claim` nobody is signed in.\n\n```\ngatehouse explain --resources resources --url https://grafana.example.com/admin --email ada@example.com --group engineering\n```',

  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    if (values.url === undefined) return wrong(io, '--url is needed')
    const address = values['client-address']
    if (address !== undefined && !isAddress(address)) return wrong(io, '--client-address takes an IPv4 or IPv6 address')
    const isElsewhere = values.resources !== undefined || values['auth-url'] !== undefined
    const installation = await readInstallation(values, io, values.config !== undefined || !isElsewhere)
    if (typeof installation === 'number') return installation
    const directory = values.resources ?? installation.config?.resources.directory
    if (directory === undefined) return wrong(io, '--resources is needed: no configuration names a directory')

    const file = values.as === undefined ? undefined : await readText(values.as, io)
    if (typeof file === 'object') return wrong(io, `--as: ${file.trouble}`)
    const { catalogue, snapshot } = await readResourceSet(directory, installation, io)
    const unreadable = snapshot.problems.find((problem) => problem.file === '.')
    if (unreadable !== undefined) return wrong(io, `--resources: ${directory}: ${problemText(unreadable)}`)
    const asker = askerOf(
      {
        file,
        email: values.email,
        groups: values.group ?? [],
        provider: values.provider,
        claims: values.claim ?? [],
      },
      catalogue.identityProviders.map(({ name }) => name),
    )
    if (asker !== undefined && 'problem' in asker) return wrong(io, asker.problem)
    const request = readRequest(values.url, values.method, address, installation.urls?.port)
    if (request === undefined) return wrong(io, '--url takes an http or https URL')

    const { explanation, application } = decideAbout(request, asker, catalogue)
    const problems = snapshot.problems.length
    const hint = problems === 0 ? [] : [`note         ${problems} problems in ${directory}: see gatehouse validate`]
    for (const line of [...told(explanation, application), ...hint]) io.stdout.write(`${line}\n`)
    return explanation.decision.outcome === 'allow' ? 0 : 1
  },
}

const OPTIONS = {
  resources: { type: 'string' },
  url: { type: 'string' },
  method: { type: 'string', default: 'GET' },
  'client-address': { type: 'string' },
  as: { type: 'string' },
  email: { type: 'string' },
  group: { type: 'string', multiple: true },
  provider: { type: 'string' },
  claim: { type: 'string', multiple: true },
  config: { type: 'string', short: 'c' },
  'auth-url': { type: 'string' },
  namespace: { type: 'string' },
} as const

function wrong({ stderr }: CommandIo, text: string): number {
  stderr.write(`${text}\n`)
  return WRONG_USAGE
}

/** Reads the address as it stands, without the mending that `URL` does; undefined if it is none. */
function readRequest(
  url: string,
  method: string,
  clientAddress: string | undefined,
  publicPort: number | undefined,
): AccessRequest | Reason | undefined {
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(url) ?? []
  if (authority === undefined) return undefined
  if (!isHttpMethod(method)) return 'request-method-invalid'
  const host = canonicalHost(authority, publicPort ?? Number(/:(\d+)$/.exec(authority)?.[1] ?? 443))
  if (host === undefined) return 'request-host-invalid'
  const target = readTarget(rest === '' ? '/' : rest)
  if (typeof target === 'string') return target
  const credentials = { cookies: '', token: undefined }
  return { method, host, ...target, clientAddress, isNavigation: true, credentials }
}

function decideAbout(
  request: AccessRequest | Reason,
  asker: Identity | undefined,
  { policySet }: Catalogue,
): { explanation: Explanation; application: string | undefined } {
  if (typeof request === 'string') return refused(request)
  if (isBelow(request.path, PORTAL)) return refused('portal-not-routed')
  const found = match(policySet, request.host, request.path)
  if (found === undefined) return refused('no-application')
  if (typeof found === 'string') return refused(found)
  return { explanation: explainDecision(found, request, asker, Date.now()), application: found.key }
}

function refused(reason: Reason): { explanation: Explanation; application: undefined } {
  return { explanation: { decision: plainDecision('forbid', reason), policies: [] }, application: undefined }
}

function told({ decision, policies }: Explanation, application: string | undefined): string[] {
  const lines = [
    `decision     ${decision.outcome}`,
    `reason       ${decision.reason}: ${reasons[decision.reason]}`,
    `application  ${application ?? 'none'}`,
    `policy       ${decision.policy ?? 'none'}`,
  ]
  for (const { key, action, mode, verdict, rules } of policies) {
    lines.push('', `${key}  ${action}${mode === 'Audit' ? ' (audit only)' : ''}: ${textOf(verdict)}`)
    for (const { list, kind, setting, verdict: one } of rules) {
      lines.push(`  ${list.padEnd(8)} ${kind} ${JSON.stringify(setting)}: ${textOf(one)}`)
    }
  }
  return lines
}

function textOf(verdict: Verdict): string {
  return verdict.outcome === 'error' ? `error, ${verdict.reason}` : verdict.outcome
}
