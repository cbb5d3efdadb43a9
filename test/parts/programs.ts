import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The real programs that tests or the benchmark start, each with the Debian package that brings it. */
export const programs = {
  'redis-server': { debianPackage: 'redis-server' },
  nginx: { debianPackage: 'nginx' },
  caddy: { debianPackage: 'caddy' },
  chromium: { debianPackage: 'chromium' },
  wrk: { debianPackage: 'wrk' },
} as const

export type Program = keyof typeof programs

/** Where Debian puts servers, which is not on the search path of everybody who may start one. */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * Looks a program up as a shell does, then in the system's directories.
 *
 * @param searchPath directories separated as in PATH
 * @returns the file's full path, or undefined if the machine has no such program
 */
export function findProgram(
  name: Program,
  searchPath: string = [process.env.PATH ?? '', ...SYSTEM_DIRECTORIES].join(delimiter),
): string | undefined {
  return searchPath
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable)
}

/** As `findProgram`, for callers that cannot go on without it. Throws an Error that names the remedy. */
export function requireProgram(name: Program): string {
  const file = findProgram(name)
  if (file === undefined) throw new Error(`${name} is not on this machine: npm run test:setup installs it`)
  return file
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
