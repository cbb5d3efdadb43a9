import { describe, test } from 'vitest'
import { findProgram, type Program } from './programs.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** The programs for want of which a suite was skipped; the run's closing summary lists them. */
    missingPrograms?: readonly Program[]
  }
}

/**
 * Declares a suite that starts real programs. Where one of them is missing, the suite is skipped and the run's summary
 * says so by name; under `GATEHOUSE_REQUIRE=all` it fails instead.
 *
 * @param wanted the programs that the suite starts
 * @param title the suite's title, as for `describe`
 * @param body declares the tests, as for `describe`; start programs in its hooks and tests only
 */
export function needs(wanted: Program | readonly Program[], title: string, body: () => void): void {
  const missingPrograms = [wanted].flat().filter((program) => findProgram(program) === undefined)
  if (missingPrograms.length === 0) {
    describe(title, body)
  } else if (process.env.GATEHOUSE_REQUIRE === 'all') {
    describe(title, () => {
      test.for(missingPrograms)('finds %s on this machine', (program) => {
        throw new Error(`${program} is missing, and GATEHOUSE_REQUIRE=all: npm run test:setup installs it`)
      })
    })
  } else {
    describe(title, { skip: true, meta: { missingPrograms } }, body)
  }
}
