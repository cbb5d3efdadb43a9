import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { type PublicUrls, publicUrls } from '../policy/public-url.ts'
import type { Catalogue } from '../resources/catalogue.ts'
import { compile } from '../resources/compile.ts'
import { loadDirectory } from '../resources/directory.ts'
import { configuredClaims } from '../resources/host-owners.ts'
import type { SourceSnapshot } from '../resources/source.ts'
import { type CommandIo, type CommandOption, WRONG_USAGE } from './command.ts'

/** Stands for the auth host where nobody has said which one it is; no destination can be this host. */
const UNKNOWN_AUTH_URL = 'https://auth.invalid'
const DEFAULT_SYSTEM_NAMESPACE = 'gatehouse'

/** Options that say into what installation the resources go. */
export const INSTALLATION_OPTIONS = {
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    description: 'The configuration: auth host, system namespace, host claims, development mode.',
  },
  'auth-url': { type: 'string', value: 'URL', description: 'URL of the auth host, in place of a configuration.' },
  namespace: {
    type: 'string',
    value: 'NAMESPACE',
    description: 'The system namespace. Default: what the configuration says, or gatehouse.',
  },
} as const satisfies Readonly<Record<string, CommandOption>>

export interface Installation {
  readonly authUrl: URL
  /** Undefined: nobody said on which port apps are published. */
  readonly urls: PublicUrls | undefined
  readonly systemNamespace: string
  readonly config: Config | undefined
}

/** A directory of resources, read and compiled. Secrets are not looked up, so that a pipeline needs none. */
export interface ResourceSet {
  readonly snapshot: SourceSnapshot
  readonly catalogue: Catalogue
}

/**
 * Works out the installation that the options describe.
 *
 * @param isConfigured whether a configuration is read: without `--config`, the one that the service would read
 * @returns an exit code if they are wrong, which has been said
 */
export async function readInstallation(
  values: {
    readonly config?: string | undefined
    readonly 'auth-url'?: string | undefined
    readonly namespace?: string | undefined
  },
  { cwd, env, readFile, stderr }: CommandIo,
  isConfigured = values.config !== undefined,
): Promise<Installation | number> {
  const authText = values['auth-url']
  if (
    authText !== undefined &&
    (values.config !== undefined || !/^https?:/.test(authText) || !URL.canParse(authText))
  ) {
    stderr.write('--auth-url takes an http or https URL, and stands in place of --config\n')
    return WRONG_USAGE
  }
  if (!isConfigured) {
    const authUrl = new URL(authText ?? UNKNOWN_AUTH_URL)
    const urls = authText === undefined ? undefined : publicUrls(authUrl)
    return { authUrl, urls, systemNamespace: values.namespace ?? DEFAULT_SYSTEM_NAMESPACE, config: undefined }
  }
  const result = await loadConfig({ file: values.config, cwd, env, readFile })
  if (!result.ok) {
    stderr.write(`configuration is not valid\n\n${formatProblems(result.problems)}`)
    return WRONG_USAGE
  }
  const { config } = result
  const authUrl = new URL(config.auth.url)
  const systemNamespace = values.namespace ?? config.namespace
  return { authUrl, urls: publicUrls(authUrl), systemNamespace, config }
}

/** Reads and compiles a directory as the service would. */
export async function readResourceSet(
  directory: string,
  { authUrl, systemNamespace, config }: Installation,
  { cwd }: CommandIo,
): Promise<ResourceSet> {
  const snapshot = await loadDirectory({ directory: resolve(cwd, directory), secretsDirectory: undefined })
  const isDevelopment = config?.development ?? authUrl.protocol === 'http:'
  const catalogue = compile(snapshot.objects, {
    issuer: authUrl.origin,
    systemNamespace,
    hashHex: (text) => createHash('sha256').update(text).digest('hex'),
    cookiePrefix: isDevelopment ? '' : '__Host-',
    hostClaims: configuredClaims(config?.hostClaims ?? []),
    allowHttpLocalhost: isDevelopment,
    lastKnown: new Map(),
    objectsFrom: 'Files',
    isWhole: snapshot.unread.length === 0,
  })
  return { snapshot, catalogue }
}
