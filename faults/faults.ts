/** `npm run faults`: real programs, faults, and a proof of what is promised. See docs/reliability.md. */
import { mkdtemp, rm, rmdir } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../test/parts/programs.ts'
import { writeIntoDocument } from './document.ts'
import { type Options, readOptions, USAGE, UsageError } from './options.ts'
import { type Row, rowOf } from './row.ts'
import { type Outcome, runScenario } from './run-scenario.ts'
import { scenarios } from './scenarios/index.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { createSceneKeeper, type SceneKeeper } from './scene-keeper.ts'
import { healthyLine, markdownTable, plainTable } from './table.ts'

/** Broken promises shown of one history. */
const MOST_SHOWN = 5

/** How many rounds of each scenario there are to be. */
function plan({ rounds, only }: Options): Map<Scenario, number> {
  const isWanted = ({ name }: Scenario) => only.length === 0 || only.some((text) => name.includes(text))
  const wanted = scenarios.filter((one) => isWanted(one) && (rounds !== undefined || only.length > 0 || one.rounds > 0))
  if (wanted.length === 0) {
    throw new UsageError(`--only names nothing; there are: ${scenarios.map(({ name }) => name).join(', ')}`)
  }
  const share = (index: number) => {
    const least = Math.floor((rounds ?? 0) / wanted.length)
    return least + (index < (rounds ?? 0) % wanted.length ? 1 : 0)
  }
  return new Map(
    wanted.flatMap((one, index): [Scenario, number][] => {
      const count = rounds === undefined ? Math.max(1, one.rounds) : share(index)
      return count === 0 ? [] : [[one, count]]
    }),
  )
}

/** @returns whether every promise was kept */
async function run(options: Options): Promise<boolean> {
  if (findProgram('redis-server') === undefined) {
    throw new UsageError('redis-server is missing: npm run test:setup installs it')
  }
  const planned = plan(options)
  const directory = options.keep ?? (await mkdtemp(join(tmpdir(), 'gatehouse-histories-')))
  const startedAt = performance.now()
  console.log(`seed ${options.seed}, histories in ${directory}`)
  const rows: Row[] = []
  await using scenes = createSceneKeeper(options.maxStalenessMs)
  for (const [scenario, rounds] of planned) rows.push(await runAll(scenes, scenario, rounds, { ...options, directory }))

  // It is empty, and goes, unless a history was kept in it.
  if (options.keep === undefined) await rmdir(directory).catch(() => undefined)
  const minutes = Math.ceil((performance.now() - startedAt) / 60_000)
  console.log(`\n${plainTable(rows)}`)
  const healthy = healthyLine(rows)
  if (healthy !== undefined) console.log(`\n${healthy}`)
  if (options.write) {
    const command = ['npm run faults --', ...process.argv.slice(2).filter((arg) => arg !== '--write')].join(' ')
    const how = `\`${command.replace(/ --$/, '')}\`, seed ${options.seed}, ${minutes} min, ${cpus().length} cores, Node ${process.versions.node}, \`revocation.maxStaleness\` ${options.maxStalenessMs / 1000} s, \`store.redis.commandTimeout\` 250 ms:`
    await writeIntoDocument([how, markdownTable(rows), healthy].filter((text) => text !== undefined).join('\n\n'))
  }
  return rows.every(({ violations }) => violations.length === 0)
}

async function runAll(
  scenes: SceneKeeper,
  scenario: Scenario,
  rounds: number,
  { directory, keep, seed, maxStalenessMs }: Options & { readonly directory: string },
): Promise<Row> {
  const outcomes: Outcome[] = []
  const scene = await scenes.sceneFor(scenario)
  for await (const outcome of runScenario(scene, scenario, {
    rounds,
    seed,
    maxStalenessMs,
    directory,
    say: console.log,
  })) {
    const { violations, file } = outcome
    for (const violation of violations.slice(0, MOST_SHOWN)) console.log(`  BROKEN ${violation}`)
    if (violations.length > MOST_SHOWN) console.log(`  … and ${violations.length - MOST_SHOWN} more`)
    if (violations.length > 0) console.log(`  history: ${file}`)
    else if (keep === undefined) await rm(file)
    outcomes.push(outcome)
  }
  // Whatever is wrong with it now is not to be the next scenario's.
  if (outcomes.some(({ violations }) => violations.length > 0)) await scenes.discard()
  const [first, ...others] = outcomes
  if (first === undefined) throw new Error(`${scenario.name} did not run`)
  return rowOf([first, ...others])
}

// Programs that were started end with this one, however it ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  if (process.argv.includes('--help')) process.stdout.write(USAGE)
  else if (!(await run(readOptions(process.argv.slice(2), Date.now())))) process.exitCode = 1
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
