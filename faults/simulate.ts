/** `npm run simulate`: the code of revocation and sessions with simulated servers and faults, one seed after the other. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { formatEntry } from './history.ts'
import { type Run, replayCommand, simulate } from './simulation/run.ts'

const USAGE = `npm run simulate -- [options]

  --seeds N          how many seeds (default 10000)
  --from N           the first of them (default 1)
  --seed N           this seed alone, and all that happened but for the checks
  --history FILE     with --seed: writes the whole history to FILE as JSON lines
`

/** Most seeds that are shown to fail before it is given up. */
const MOST_FAILED = 20

async function simulateAll(from: number, count: number): Promise<boolean> {
  const startedAt = performance.now()
  let steps = 0
  let failed = 0
  for (let seed = from; seed < from + count && failed < MOST_FAILED; seed += 1) {
    const run = await simulate(seed)
    steps += run.steps
    if (run.problems.length === 0) continue
    failed += 1
    console.log(`seed ${seed}: ${run.problems[0]}\n  replay with: ${replayCommand(seed)}`)
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${count} seeds from ${from} on, ${steps} steps, ${failed} failed, ${seconds} s`)
  return failed === 0
}

async function simulateOne(seed: number, file: string | undefined): Promise<boolean> {
  const { history, problems, steps }: Run = await simulate(seed)
  const shown = history.filter(({ kind }) => kind !== 'check' && kind !== 'session' && kind !== 'token')
  process.stdout.write(shown.map(formatEntry).join(''))
  if (file !== undefined) writeFileSync(file, history.map(formatEntry).join(''))
  console.log(`seed ${seed}: ${history.length} entries, ${steps} steps, ${problems.length} problems`)
  for (const problem of problems) console.log(problem)
  return problems.length === 0
}

function whole(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`${option} takes a whole number, not ${JSON.stringify(text)}`)
  return Number(text)
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '10000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      history: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return true
  }
  if (values.seed !== undefined) return simulateOne(whole('--seed', values.seed), values.history)
  return simulateAll(whole('--from', values.from), whole('--seeds', values.seeds))
}

try {
  if (!(await main())) process.exitCode = 1
} catch (error) {
  if (!(error instanceof TypeError || error instanceof RangeError)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
