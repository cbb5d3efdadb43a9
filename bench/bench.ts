/** `npm run bench`: what a check costs, against servers that do nothing, in one run. See docs/benchmark.md. */
import { writeFile } from 'node:fs/promises'
import { type Figure, figuresOf } from './figures.ts'
import { lookAround } from './machine.ts'
import { measure, scheduleOf, withBaselines } from './measure.ts'
import { measureDecide } from './micro/decide.ts'
import { measureMemory } from './micro/memory.ts'
import { measureRevocation } from './micro/revocation.ts'
import { measureSwap } from './micro/swap.ts'
import { type Options, readOptions, USAGE, UsageError } from './options.ts'
import { openRig, type Rig } from './rig.ts'
import { allRows } from './rows.ts'
import { PEER_NAMES } from './servers/peer.ts'
import { figureLines, generator, markdown, plainTable } from './table.ts'

/** Figures beside the rows, by the names that `--only` is compared with. */
const FIGURES = {
  decide: async () => [measureDecide()],
  swap: (rig: Rig) => measureSwap(rig),
  memory: (rig: Rig, { sessions }: Options) => measureMemory(rig, sessions, say),
  revocation: (rig: Rig, { sessions }: Options) => measureRevocation(rig, sessions, say),
} as const

async function bench(options: Options): Promise<void> {
  const machine = lookAround(options)
  const all = allRows(options.peers)
  const isWanted = (name: string) => options.only === undefined || name.includes(options.only)
  const wanted = all.filter(({ name }) => isWanted(name))
  const possible = wanted.filter((row) => row.missing(machine) === undefined)
  const figureNames = Object.keys(FIGURES).filter(isWanted) as (keyof typeof FIGURES)[]
  if (wanted.length === 0 && figureNames.length === 0) {
    throw new UsageError(
      `--only ${JSON.stringify(options.only)} names nothing; there are: ${all.map(({ name }) => name).join(', ')}`,
    )
  }

  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${process.versions.node}, ${generator(machine)}`)
  for (const note of machine.notes) console.log(note)
  if (machine.redis === undefined) {
    console.log('redis-server is missing: check cold token is measured with new tokens of one session, in memory.')
  }
  for (const row of wanted) {
    const missing = row.missing(machine)
    if (missing !== undefined) console.log(`left out: ${row.name}: ${missing}.`)
  }

  await using rig = await openRig(machine)
  const rows = possible.length === 0 ? [] : withBaselines(possible, all)
  const runs = await measure(rig, { rows, all, schedule: scheduleOf(options.seconds), say })
  const beside: Figure[] = []
  for (const name of figureNames) {
    say(name)
    beside.push(...(await FIGURES[name](rig, options)))
  }
  const figures = [...figuresOf(runs, PEER_NAMES), ...beside]

  if (runs.length > 0) console.log(`\n${plainTable(runs)}`)
  if (figures.length > 0) console.log(`\n${figureLines(figures)}`)
  if (options.markdown) console.log(`\n${markdown(machine, runs, figures)}`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ runs }, undefined, 2)}\n`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

try {
  if (process.argv.includes('--help')) process.stdout.write(USAGE)
  else await bench(readOptions(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
