/**
 * Runs the tests and says at the end what was skipped for want of a program. Arguments are vitest's: `npm test -- test/policy`.
 * Exits 0 when all that could run passed, 1 when something failed, 2 when it was called wrongly.
 */
import { parseCLI, type Reporter, startVitest, type TestModule } from 'vitest/node'
import { closingLines, summarise } from './test-summary.ts'

const required = process.env.GATEHOUSE_REQUIRE
if (required !== undefined && required !== '' && required !== 'all') {
  console.error(`GATEHOUSE_REQUIRE is "${required}"; it may be "all" (a missing program fails the run) or not set.`)
  process.exit(2)
}

let modules: readonly TestModule[] = []
let unhandledErrors = 0
let isPassed = false
const collector: Reporter = {
  onTestRunEnd(ended, errors, reason) {
    modules = ended
    unhandledErrors = errors.length
    isPassed = reason === 'passed' && ended.length > 0
  },
}

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const reporters = [options.reporters ?? 'default'].flat()
const vitest = await startVitest('test', filter, { ...options, watch: false, reporters: [...reporters, collector] })
await vitest.close()

const summary = summarise(modules, unhandledErrors)
console.log(closingLines(summary).join('\n'))
process.exit(isPassed && summary.failed === 0 ? 0 : 1)
