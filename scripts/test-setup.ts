/**
 * Puts the programs on the machine that the tests start, and only those that are missing: installs Debian packages, as
 * root or with sudo, and builds Go programs into the user's cache, which needs Go. No service is started, now or at the
 * next boot. Exits 0 when all programs are there, or all but those that there is no Go for, 1 otherwise.
 */

import { programList } from '../test/parts/programs.ts'
import { installPackages, missingPackages } from './setup/debian.ts'
import { buildPrograms, unbuiltPrograms } from './setup/go.ts'

// With sudo, this script is started anew for the packages alone: what root builds would be in root's cache.
process.exitCode = process.argv[2] === '--packages' ? exitCode(installPackages()) : exitCode(setUp())

function setUp(): boolean {
  if (missingPackages().length === 0 && unbuiltPrograms().length === 0) {
    console.log(`Nothing to do: ${programList.map(([name]) => name).join(', ')} are on this machine.`)
    return true
  }
  // Whoever may not install packages can build programs all the same.
  const areInstalled = installPackages()
  const areBuilt = buildPrograms()
  return areInstalled && areBuilt
}

function exitCode(isDone: boolean): number {
  return isDone ? 0 : 1
}
