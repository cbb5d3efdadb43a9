import { z } from 'zod'
import { configSchema } from './schema.ts'
import type { Path } from './tree.ts'
import { unwrap } from './unwrap.ts'

export type SettingKind = 'text' | 'number' | 'boolean' | 'list' | 'object'

/** One setting, as the schema describes it. */
export interface Setting {
  readonly path: Path
  /** The path with dots: `listeners.check.port`. */
  readonly name: string
  /** The environment variable that overrides it. */
  readonly variable: string
  readonly kind: SettingKind
  /** What a value has to be, in words. */
  readonly expects: string
  /** As it would be written in YAML; undefined: none. */
  readonly default: string | undefined
  /** Whether its object cannot be without it. */
  readonly isRequired: boolean
  readonly description: string
  readonly isSecret: boolean
  /** Whether the value is a path, resolved against the folder of the configuration file. */
  readonly isPath: boolean
  /** For `<name>File`: the path of the setting whose value the named file holds. */
  readonly holds: Path | undefined
  /** Whether that file is followed while the service runs, so that its path has to be known then. */
  readonly isFollowed: boolean
}

/** The environment variable that overrides a setting: `store.redis.keyPrefix` is `GATEHOUSE_STORE_REDIS_KEY_PREFIX`. */
export function variableName(path: Path): string {
  const words = path.map((key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`))
  return ['GATEHOUSE', ...words].join('_').toUpperCase()
}

/** Every setting there is, in the order of the schema: objects before what they hold, `<name>File` after `<name>`. */
export function settings(): readonly Setting[] {
  return SETTINGS
}

const SETTINGS: readonly Setting[] = childrenOf(configSchema, [])

function childrenOf(schema: z.core.$ZodType, parent: Path): Setting[] {
  const { core } = unwrap(schema)
  if (!(core instanceof z.ZodObject)) return []
  return Object.entries(core.shape).flatMap(([key, child]) => {
    const path = [...parent, key]
    return [...settingsAt(child, path), ...childrenOf(child, path)]
  })
}

function settingsAt(schema: z.core.$ZodType, path: Path): Setting[] {
  const { core, meta, fallback, isOptional } = unwrap(schema)
  const kind = kindOf(core)
  const name = path.join('.')
  const setting: Setting = {
    path,
    name,
    variable: variableName(path),
    kind,
    expects: kind === 'object' ? 'an object' : (meta.expects ?? ''),
    default: kind === 'object' || fallback === undefined ? undefined : yamlOf(fallback),
    isRequired: !isOptional && fallback === undefined,
    description: meta.description ?? '',
    isSecret: meta.isSecret === true,
    isPath: meta.isPath === true,
    holds: meta.holds === undefined ? undefined : path.with(-1, meta.holds),
    isFollowed: meta.holds !== undefined,
  }
  return meta.isFromFile === true ? [setting, fileSettingOf(setting)] : [setting]
}

function fileSettingOf({ path, name }: Setting): Setting {
  const filePath = path.with(-1, `${path.at(-1)}File`)
  return {
    path: filePath,
    name: filePath.join('.'),
    variable: variableName(filePath),
    kind: 'text',
    expects: 'the path of a file',
    default: undefined,
    isRequired: false,
    description: `File whose content is the value of \`${name}\`, without the newline at its end.`,
    isSecret: false,
    isPath: true,
    holds: path,
    isFollowed: false,
  }
}

function kindOf(schema: z.core.$ZodType): SettingKind {
  if (schema instanceof z.ZodObject) return 'object'
  if (schema instanceof z.ZodArray) return 'list'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  return schema instanceof z.ZodNumber ? 'number' : 'text'
}

function yamlOf(value: unknown): string {
  return Array.isArray(value) && value.length === 0 ? '[]' : String(value)
}
