import { constants } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AdminCredentialsError, readTlsFiles } from './admin/tls-files.ts'
import { readTokenFile } from './admin/token-file.ts'
import type { Config } from './config/schema.ts'
import { isPlaceholder } from './config/value-kinds.ts'
import { checkKeyFile, KeyFileError } from './tokens/file.ts'

/** What an operator can mend, in one line that names the setting if it can; undefined for a fault of ours. */
export function obstacleOf(error: unknown, config: Config): string | undefined {
  if (error instanceof KeyFileError || error instanceof AdminCredentialsError) return error.message
  if (!(error instanceof Error && 'syscall' in error)) return undefined
  const setting = settingOf(error, config)
  return setting === undefined ? error.message : `${setting}: ${error.message}`
}

/**
 * What would keep a service with this configuration from starting, in the words of the start, or from ever being ready: one
 * line each. Nothing is made or written. Whether ports are free is not looked at.
 */
export async function startObstacles(config: Config): Promise<readonly string[]> {
  const found = await Promise.all([keyFile(config), adminToken(config), adminTls(config), auditFile(config)])
  const lines = found
    .filter((obstacle) => obstacle !== undefined)
    .map((obstacle) => `gatehouse cannot start: ${obstacle}`)
  const resources = await resourcesDirectory(config)
  return resources === undefined ? lines : [...lines, `gatehouse would answer 503: ${resources}`]
}

/** The setting that an error of the system is about, by the address or the file that it names. */
function settingOf(error: SystemError, { listeners, admin, audit, keys }: Config): string | undefined {
  const { code, path, port, address } = error
  if (path !== undefined && audit.type === 'File' && path === audit.file) return 'audit.file'
  // The keys are written to a draft beside the file first.
  if (path !== undefined && keys.type === 'File' && path.startsWith(keys.file)) return 'keys.file'
  const { check, portal, ops } = listeners
  const places = Object.entries({ 'listeners.check': check, 'listeners.portal': portal, 'listeners.ops': ops, admin })
  const isMeant = (place: (typeof places)[number][1]) =>
    port === undefined ? address !== undefined && place?.host === address : place?.port === port
  const name = places.find(([, place]) => isMeant(place))?.[0]
  return name === undefined ? undefined : `${name}.${code === 'EADDRNOTAVAIL' ? 'host' : 'port'}`
}

/** As far as `node:fs` and `node:net` say it. */
interface SystemError extends Error {
  readonly code?: string
  readonly path?: string
  readonly port?: number
  readonly address?: string
}

function keyFile({ keys }: Config): Promise<string | undefined> {
  return obstacleIn('keys.file', async () => (keys.type === 'File' ? checkKeyFile(keys.file, keys) : undefined))
}

async function adminToken({ admin }: Config): Promise<string | undefined> {
  if (admin?.tokenFile === undefined) return undefined
  const held = await readTokenFile(admin.tokenFile, isPlaceholder)
  return held.isUsable ? undefined : held.problem
}

function adminTls({ admin }: Config): Promise<string | undefined> {
  return obstacleIn('admin.tls', async () => (admin?.tls === undefined ? undefined : readTlsFiles(admin.tls)))
}

function auditFile({ audit }: Config): Promise<string | undefined> {
  return obstacleIn('audit.file', async () => {
    if (audit.type !== 'File') return
    const isThere = await access(audit.file).then(
      () => true,
      () => false,
    )
    await (isThere ? access(audit.file, constants.W_OK) : access(dirname(audit.file), constants.W_OK | constants.X_OK))
  })
}

function resourcesDirectory({ resources }: Config): Promise<string | undefined> {
  return obstacleIn('resources.directory', async () =>
    resources.type === 'Directory' ? readdir(resources.directory) : undefined,
  )
}

async function obstacleIn(setting: string, attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    if (error instanceof KeyFileError || error instanceof AdminCredentialsError) return error.message
    if (error instanceof Error && 'syscall' in error) return `${setting}: ${error.message}`
    throw error
  }
}
