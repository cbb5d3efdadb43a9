import type { TestModule, TestSuite } from 'vitest/node'
import type {} from '../test/parts/needs.ts'

/** What one run of the tests comes to. */
export interface TestSummary {
  readonly passed: number
  /** Failed tests, suites or files that failed outside of any test, and errors that nobody awaited. */
  readonly failed: number
  readonly skipped: number
  readonly skippedSuites: readonly SkippedSuite[]
}

/** A suite that did not run because the machine lacks a program. */
export interface SkippedSuite {
  readonly file: string
  readonly title: string
  readonly missingPrograms: readonly string[]
}

/** Counts a run's results. */
export function summarise(modules: readonly TestModule[], unhandledErrors: number): TestSummary {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 }
  const skippedSuites: SkippedSuite[] = []
  for (const module of modules) {
    if (module.errors().length > 0) counts.failed += 1
    for (const test of module.children.allTests()) counts[test.result().state] += 1
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) counts.failed += 1
      skippedSuites.push(...skippedForAProgram(module, suite))
    }
  }
  const { passed, failed, skipped, pending } = counts
  return { passed, failed, skipped: skipped + pending, skippedSuites }
}

function skippedForAProgram(module: TestModule, suite: TestSuite): SkippedSuite[] {
  const { missingPrograms } = suite.meta()
  // Suites within a suite inherit its meta; the outermost speaks for them.
  if (missingPrograms === undefined || suite.parent.meta().missingPrograms !== undefined) return []
  return [{ file: module.relativeModuleId, title: suite.fullName, missingPrograms }]
}

/** The last lines of a run; the very last holds the three counts and nothing else. */
export function closingLines({ passed, failed, skipped, skippedSuites }: TestSummary): string[] {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`
  if (skippedSuites.length === 0) return [counts]
  return [
    'Skipped because this machine lacks a program:',
    ...skippedSuites.map(({ file, title, missingPrograms }) => `  ${missingPrograms.join(', ')}: ${file} > ${title}`),
    'To install what is missing and run them too (Debian, as root or with sudo, and Go): npm run test:setup',
    '',
    counts,
  ]
}
