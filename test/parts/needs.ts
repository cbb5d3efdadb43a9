import { describe, test } from 'vitest'
import { canHaveOwnMounts } from './namespaces.ts'
import { findProgram, type Program, programs } from './programs.ts'

/** What a suite does that not every user of every machine may do. */
const PERMISSIONS = { 'root or user namespaces': canHaveOwnMounts } as const

/** A program, or a permission. */
export type Need = Program | keyof typeof PERMISSIONS

declare module 'vitest' {
  interface TaskMeta {
    /** What is missing, so that a suite was skipped; the run's closing summary lists it. */
    missingPrograms?: readonly Need[]
  }
}

/**
 * Declares a suite that starts real programs. Where one of them, or a permission that it takes, is missing, the suite is
 * skipped and the run's summary says so by name; under `GATEHOUSE_REQUIRE=all` it fails instead.
 *
 * @param wanted what the suite takes
 * @param title the suite's title, as for `describe`
 * @param body declares the tests, as for `describe`; start programs in its hooks and tests only
 */
export function needs(wanted: Need | readonly Need[], title: string, body: () => void): void {
  const missingPrograms = [wanted].flat().filter((need) => !isThere(need))
  if (missingPrograms.length === 0) {
    describe(title, body)
  } else if (process.env.GATEHOUSE_REQUIRE === 'all') {
    describe(title, () => {
      test.for(missingPrograms)('finds %s on this machine', (need) => {
        throw new Error(`${need} is missing, and GATEHOUSE_REQUIRE=all: ${remedy(need)}`)
      })
    })
  } else {
    describe(title, { skip: true, meta: { missingPrograms } }, body)
  }
}

function isThere(need: Need): boolean {
  return isProgram(need) ? findProgram(need) !== undefined : PERMISSIONS[need]()
}

function remedy(need: Need): string {
  return isProgram(need) ? 'npm run test:setup installs it' : 'run the tests as root'
}

function isProgram(need: Need): need is Program {
  return Object.hasOwn(programs, need)
}
