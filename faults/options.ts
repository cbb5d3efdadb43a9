import { parseArgs } from 'node:util'

export interface Options {
  /** Rounds in all, dealt out evenly; undefined: the bounded set, with its own numbers. */
  readonly rounds: number | undefined
  /** Only scenarios whose name contains one of these. */
  readonly only: readonly string[]
  readonly maxStalenessMs: number
  readonly seed: number
  /** Where histories are kept; undefined: only those of broken promises are. */
  readonly keep: string | undefined
  /** Put the table into docs/reliability.md. */
  readonly write: boolean
}

export const USAGE = `npm run faults -- [options]

  --rounds N         N rounds in all, dealt out evenly among the scenarios, those with long faults too
                     (default: the bounded set, a few minutes)
  --only NAME        only scenarios whose name contains NAME; may be given several times
  --staleness SECS   revocation.maxStaleness of the replicas, and so the bound of every promise (default 4)
  --seed N           what clients do comes of it (default: the time)
  --keep DIR         keep every history in DIR; default: only those of broken promises are kept
  --write            put the table into docs/reliability.md
`

/** The harness was called wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Reads the command line; throws a UsageError that says what is wrong with it. */
export function readOptions(args: readonly string[], now: number): Options {
  const { values } = parsed(args)
  return {
    rounds: values.rounds === undefined ? undefined : whole('--rounds', values.rounds, 1_000_000),
    only: values.only,
    maxStalenessMs: whole('--staleness', values.staleness, 600) * 1000,
    seed: values.seed === undefined ? now % 1_000_000_000 : whole('--seed', values.seed, 1_000_000_000),
    keep: values.keep,
    write: values.write,
  }
}

/** Node says by a TypeError what is wrong with an option. */
function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        staleness: { type: 'string', default: '4' },
        seed: { type: 'string' },
        keep: { type: 'string' },
        write: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}

function whole(option: string, text: string, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number
  throw new UsageError(`${option} is ${JSON.stringify(text)}; expected a whole number from 1 to ${most}`)
}
