import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { applyOverrides, type Environment, type Override, readEnvironment } from './environment.ts'
import { expectationAt, expectationOfKey } from './expectation.ts'
import { attempt, type FileValue, REPORTED, type ReadFile, readFileValues } from './file-values.ts'
import { describeFound, type Problem } from './problem.ts'
import { type Config, configSchema } from './schema.ts'
import { settings } from './settings.ts'
import { isTree, type Path, setValueAt, type Tree, valueAt } from './tree.ts'
import { readYaml, type YamlText } from './yaml.ts'

export const DEFAULT_CONFIG_FILE = 'gatehouse.yaml'

export interface LoadOptions {
  /** Path of the YAML file, relative to `cwd`. Undefined: `gatehouse.yaml`, or none if the environment gives settings. */
  readonly file: string | undefined
  readonly cwd: string
  readonly env: Environment
  readonly readFile: ReadFile
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads the configuration: the YAML file, over it the environment, then the files that hold secrets. Reports all problems
 * at once and gives no secret away in any. Rejects only with what `readFile` rejects with beyond errors that have a code.
 */
export async function loadConfig({ file, cwd, env, readFile }: LoadOptions): Promise<LoadResult> {
  const name = file ?? DEFAULT_CONFIG_FILE
  const { overrides, problems } = readEnvironment(env)
  const yaml = await readConfigFile(resolve(cwd, name), name, readFile, file === undefined && overrides.length > 0)
  if (Array.isArray(yaml)) return { ok: false, problems: [...yaml, ...problems] }

  const sourceOf = sourceFinder(yaml, name, overrides)
  const tree = yaml.value ?? {}
  if (isTree(tree)) {
    applyOverrides(tree, overrides)
    resolvePaths(tree, dirname(resolve(cwd, name)))
    addRequiredObjects(tree)
  }
  const { fileValues, problems: fileProblems } = isTree(tree)
    ? await readFileValues(tree, readFile, sourceOf)
    : { fileValues: [], problems: [] }

  const parsed = configSchema.safeParse(tree)
  const schemaProblems = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) => problemsOf(issue, { tree, sourceOf, fileValues }))
  const all = [...problems, ...fileProblems, ...schemaProblems]
  return parsed.success && all.length === 0 ? { ok: true, config: parsed.data } : { ok: false, problems: all }
}

async function readConfigFile(
  file: string,
  name: string,
  readFile: ReadFile,
  mayBeAbsent: boolean,
): Promise<YamlText | Problem[]> {
  const read = await attempt(readFile, file)
  if ('trouble' in read) {
    if (mayBeAbsent && read.code === 'ENOENT') return { value: {}, lineOf: () => undefined }
    return [{ path: '', source: name, found: `a file ${read.trouble}`, expected: 'a YAML file' }]
  }
  const yaml = readYaml(read.content)
  if ('value' in yaml) return yaml
  return yaml.map(({ line, found }) => ({ path: '', source: `${name}:${line}`, found, expected: 'sound YAML' }))
}

function sourceFinder(yaml: YamlText, name: string, overrides: readonly Override[]): (path: Path) => string {
  const variables = new Map(overrides.map(({ setting }) => [setting.name, setting.variable]))
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const variable = variables.get(path.slice(0, length).join('.'))
      if (variable !== undefined) return variable
    }
    const line = yaml.lineOf(path)
    return line === undefined ? name : `${name}:${line}`
  }
}

function resolvePaths(tree: Tree, folder: string): void {
  for (const { path, isPath } of settings()) {
    const value = isPath ? valueAt(tree, path) : undefined
    if (typeof value === 'string' && value !== '') setValueAt(tree, path, resolve(folder, value))
  }
}

/** So that the report names the settings that are missing, and not only the objects they belong to. */
function addRequiredObjects(tree: Tree): void {
  for (const { path, kind, isRequired } of settings()) {
    if (kind === 'object' && isRequired && valueAt(tree, path) === undefined) setValueAt(tree, path, {})
  }
}

interface Findings {
  readonly tree: unknown
  readonly sourceOf: (path: Path) => string
  readonly fileValues: readonly FileValue[]
}

function problemsOf(issue: z.core.$ZodIssue, { tree, sourceOf, fileValues }: Findings): Problem[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      source: sourceOf([...path, key]),
      found: 'an unknown key',
      expected: expectationOfKey(path, key),
    }))
  }
  const value = valueAt(tree, path)
  if (value === REPORTED) return []
  const name = path.join('.')
  const fromFile = fileValues.find((candidate) => candidate.path.join('.') === name)
  const mayHoldSecret = settings().some(
    (setting) => setting.isSecret && `.${setting.name}.`.startsWith(name === '' ? '' : `.${name}.`),
  )
  const found = describeFound(value, mayHoldSecret || fromFile !== undefined)
  return [
    {
      path: name,
      source: sourceOf(fromFile?.namedBy ?? path),
      found: fromFile === undefined ? found : `${found}, in ${fromFile.file}`,
      expected: issue.code === 'custom' ? issue.message : expectationAt(path),
    },
  ]
}
