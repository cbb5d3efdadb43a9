import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian's package manager keeps what it knows of installed packages; the sums go when a package goes. */
const KNOWLEDGE = '/var/lib/dpkg/info'
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Whether a Debian package is installed; never on another system. */
export function isPackageInstalled(name: string): boolean {
  return [name, `${name}:${ARCHITECTURES[process.arch]}`].some((file) => existsSync(join(KNOWLEDGE, `${file}.md5sums`)))
}
