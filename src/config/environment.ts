import { nearest } from './nearest.ts'
import type { Problem } from './problem.ts'
import { type Setting, settings } from './settings.ts'
import { removeValueAt, setValueAt, type Tree } from './tree.ts'
import { readYaml } from './yaml.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A setting that an environment variable gives. */
export interface Override {
  readonly setting: Setting
  readonly value: unknown
}

const PREFIX = 'GATEHOUSE_'
/**
 * Variables by which the commands that call the admin API find it. None is a setting: a service that is started from the same
 * shell is not configured by them.
 */
export const ADMIN_CLIENT_VARIABLES = {
  url: 'GATEHOUSE_API_URL',
  tokenFile: 'GATEHOUSE_API_TOKEN_FILE',
  ca: 'GATEHOUSE_API_CA',
  cert: 'GATEHOUSE_API_CERT',
  key: 'GATEHOUSE_API_KEY',
} as const

/** Variables of this prefix that are no settings: besides, which real programs the tests may not do without, and where they are. */
const NO_SETTINGS: ReadonlySet<string> = new Set([
  'GATEHOUSE_REQUIRE',
  'GATEHOUSE_PROGRAMS',
  ...Object.values(ADMIN_CLIENT_VARIABLES),
])

/**
 * What Kubernetes sets for every Service of a namespace: those whose names begin with `gatehouse` look like settings.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//
const SERVICE_ADDRESS_NAME = /_PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/
const SERVICE_PART_NAME = /_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$|_PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO|PORT|ADDR)$/

/** Reads all settings that the environment gives, those of whole objects first; variables of no setting are problems. */
export function readEnvironment(environment: Environment): { overrides: Override[]; problems: Problem[] } {
  const byVariable = new Map(settings().map((setting) => [setting.variable, setting]))
  const overrides: Override[] = []
  const problems: Problem[] = []
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.startsWith(PREFIX) || NO_SETTINGS.has(variable)) continue
    if (SERVICE_ADDRESS_NAME.test(variable) && SERVICE_ADDRESS.test(text)) continue
    const setting = byVariable.get(variable)
    if (setting === undefined) {
      if (!SERVICE_PART_NAME.test(variable)) problems.push(unknownVariable(variable))
      continue
    }
    const read = readValue(setting, text)
    if ('problem' in read) problems.push(read.problem)
    else overrides.push({ setting, value: read.value })
  }
  overrides.sort((left, right) => left.setting.path.length - right.setting.path.length)
  return { overrides, problems }
}

/** Puts what the environment gives over what the file gives. A value replaces its `…File` form and the other way round. */
export function applyOverrides(tree: Tree, overrides: readonly Override[]): void {
  const given = new Set(overrides.map(({ setting }) => setting.name))
  for (const { setting, value } of overrides) {
    const otherForm = setting.holds ?? settings().find(({ holds }) => holds?.join('.') === setting.name)?.path
    if (otherForm !== undefined && !given.has(otherForm.join('.'))) removeValueAt(tree, otherForm)
    setValueAt(tree, setting.path, value)
  }
}

function readValue({ kind, name, variable }: Setting, text: string): { value: unknown } | { problem: Problem } {
  if (kind === 'text') return { value: text }
  if (kind === 'number') return { value: /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text }
  if (kind === 'boolean') return { value: text === 'true' || (text === 'false' ? false : text) }
  const yaml = readYaml(text)
  if ('value' in yaml) return { value: yaml.value }
  const found = yaml.map((problem) => problem.found).join(', ')
  return {
    problem: { path: name, source: variable, found, expected: `${kind === 'list' ? 'a list' : 'an object'} as YAML` },
  }
}

function unknownVariable(variable: string): Problem {
  const known = settings().map((setting) => setting.variable.slice(PREFIX.length))
  const meant = nearest(variable.slice(PREFIX.length), known)
  return {
    path: '',
    source: variable,
    found: 'a variable that is no setting',
    expected: meant === undefined ? 'a setting, or no prefix `GATEHOUSE_`' : `\`${PREFIX}${meant}\`, perhaps`,
  }
}
