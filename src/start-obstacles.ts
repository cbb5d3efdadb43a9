import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AdminCredentialsError, readTlsFiles } from './admin/tls-files.ts'
import { readTokenFile } from './admin/token-file.ts'
import type { Config } from './config/schema.ts'
import { isPlaceholder } from './config/value-kinds.ts'
import { checkKeyFile, KeyFileError } from './tokens/file.ts'

/** What an operator can mend, in one line; undefined for a fault of ours. */
export function obstacleOf(error: unknown): string | undefined {
  if (error instanceof KeyFileError || error instanceof AdminCredentialsError) return error.message
  return error instanceof Error && 'syscall' in error ? error.message : undefined
}

/**
 * What would keep a service with this configuration from starting, in the words of the start: files that are only opened
 * then. Nothing is made or written. Whether ports are free is not looked at.
 */
export async function startObstacles(config: Config): Promise<readonly string[]> {
  const found = await Promise.all([keyFile(config), adminToken(config), adminTls(config), auditFile(config)])
  return found.filter((obstacle) => obstacle !== undefined)
}

function keyFile({ keys }: Config): Promise<string | undefined> {
  return obstacleIn(async () => (keys.type === 'File' ? checkKeyFile(keys.file, keys) : undefined))
}

async function adminToken({ admin }: Config): Promise<string | undefined> {
  if (admin?.tokenFile === undefined) return undefined
  const held = await readTokenFile(admin.tokenFile, isPlaceholder)
  return held.isUsable ? undefined : held.problem
}

function adminTls({ admin }: Config): Promise<string | undefined> {
  return obstacleIn(async () => (admin?.tls === undefined ? undefined : readTlsFiles(admin.tls)))
}

function auditFile({ audit }: Config): Promise<string | undefined> {
  return obstacleIn(async () => {
    if (audit.type !== 'File') return
    const isThere = await access(audit.file).then(
      () => true,
      () => false,
    )
    await (isThere ? access(audit.file, constants.W_OK) : access(dirname(audit.file), constants.W_OK | constants.X_OK))
  })
}

async function obstacleIn(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    const obstacle = obstacleOf(error)
    if (obstacle === undefined) throw error
    return obstacle
  }
}
