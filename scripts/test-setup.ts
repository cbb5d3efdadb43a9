/**
 * Installs the programs that the tests start, on Debian, as root or with sudo, and only those that are missing. No
 * service is started, now or at the next boot. Exits 0 when all programs are there, 1 otherwise.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { findProgram, type Program, programs } from '../test/parts/programs.ts'

/** Asked by Debian's package scripts before they start a service; 101 says no. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d'
const SERVICES: Partial<Record<Program, string>> = { 'redis-server': 'redis-server', nginx: 'nginx', caddy: 'caddy' }

process.exitCode = setUp() ? 0 : 1

function setUp(): boolean {
  const missing = missingPrograms()
  if (missing.length === 0) {
    console.log(`Nothing to install: ${Object.keys(programs).join(', ')} are on this machine.`)
    return true
  }
  const packages = missing.map((program) => programs[program].debianPackage).join(' ')
  if (!existsSync('/etc/debian_version') || !has('apt-get')) {
    console.error(`This is not Debian. Please install, with your system's own means: ${missing.join(', ')}`)
    return false
  }
  if (process.getuid?.() === 0) return install(missing)
  if (!has('sudo')) {
    console.error(
      `Neither root nor sudo. Please have somebody run: apt-get install --no-install-recommends ${packages}`,
    )
    return false
  }
  console.log(`Asking sudo for the right to install: ${packages}`)
  return run('sudo', [process.execPath, import.meta.filename])
}

function install(missing: readonly Program[]): boolean {
  console.log(`Installing: ${missing.join(', ')}`)
  const packages = missing.map((program) => programs[program].debianPackage)
  const isInstalled = withoutStartingServices(
    () =>
      run('apt-get', ['update', '--quiet']) &&
      run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...packages]),
  )
  const services = missing.map((program) => SERVICES[program]).filter((service) => service !== undefined)
  if (
    isInstalled &&
    services.length > 0 &&
    has('systemctl') &&
    !run('systemctl', ['disable', '--quiet', ...services])
  ) {
    console.error(`These may start at the next boot: ${services.join(', ')}`)
  }
  const stillMissing = missingPrograms()
  if (stillMissing.length > 0) console.error(`Still missing: ${stillMissing.join(', ')}`)
  else console.log('All programs that the tests start are on this machine.')
  return stillMissing.length === 0
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

function missingPrograms(): Program[] {
  return (Object.keys(programs) as Program[]).filter((program) => findProgram(program) === undefined)
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
