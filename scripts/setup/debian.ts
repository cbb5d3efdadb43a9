import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPackageInstalled } from '../../test/parts/debian.ts'
import { findProgram, programList } from '../../test/parts/programs.ts'

/** Asked by Debian's package scripts before they start a service; 101 says no. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d'

/** The packages that the machine lacks: those of programs it does not find, and those that built programs need. */
export function missingPackages(): string[] {
  const missing = programList.flatMap(([name, { source, debianPackages = [] }]) =>
    source === 'Go'
      ? debianPackages.filter((needed) => !isPackageInstalled(needed))
      : findProgram(name) === undefined
        ? debianPackages
        : [],
  )
  return [...new Set(missing)]
}

/** Installs the missing packages. Says on standard output or standard error what it does, or what others have to do. */
export function installPackages(): boolean {
  const missing = missingPackages()
  if (missing.length === 0) return true
  const list = missing.join(' ')
  if (!existsSync('/etc/debian_version') || !has('apt-get')) {
    console.error(`This is not Debian. Please install what these packages of Debian hold, with your own means: ${list}`)
    return false
  }
  if (process.getuid?.() === 0) return install(missing)
  if (!has('sudo')) {
    console.error(`Neither root nor sudo. Please have somebody run: apt-get install --no-install-recommends ${list}`)
    return false
  }
  console.log(`Asking sudo for the right to install: ${list}`)
  return run('sudo', [process.execPath, join(import.meta.dirname, '..', 'test-setup.ts'), '--packages'])
}

function install(packages: readonly string[]): boolean {
  console.log(`Installing: ${packages.join(', ')}`)
  const isInstalled = withoutStartingServices(
    () =>
      run('apt-get', ['update', '--quiet']) &&
      run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...packages]),
  )
  const services = servicesOf(packages)
  if (
    isInstalled &&
    services.length > 0 &&
    has('systemctl') &&
    !run('systemctl', ['disable', '--quiet', ...services])
  ) {
    console.error(`These may start at the next boot: ${services.join(', ')}`)
  }
  const stillMissing = missingPackages()
  if (stillMissing.length > 0) console.error(`Still missing: ${stillMissing.join(', ')}`)
  else console.log('All packages that the tests need are on this machine.')
  return stillMissing.length === 0
}

function servicesOf(packages: readonly string[]): string[] {
  return programList.flatMap(([, program]) => {
    const { service } = program.source === 'Debian' ? program : {}
    return service !== undefined && program.debianPackages?.some((one) => packages.includes(one)) ? [service] : []
  })
}

/** Runs an installation under a service policy that says no; one that is there already is left as it is. */
function withoutStartingServices(action: () => boolean): boolean {
  if (existsSync(SERVICE_POLICY)) return action()
  // An interrupted installation must get as far as the removal: apt-get hears the signal itself and ends.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
  writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return action()
  } finally {
    rmSync(SERVICE_POLICY)
  }
}

function run(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (error !== undefined) console.error(`${command}: ${error.message}`)
  return status === 0
}

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}
