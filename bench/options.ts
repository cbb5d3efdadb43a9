import { parseArgs } from 'node:util'

/** A peer's program that is put through the same request. */
export interface PeerOption {
  readonly name: string
  readonly path: string
}

export interface Options {
  /** How long each row is measured, all its rounds together. */
  readonly seconds: number
  /** Only rows whose name contains this. */
  readonly only: string | undefined
  /** Where the figures go as JSON. */
  readonly json: string | undefined
  /** Print the table for `docs/benchmark.md` as well. */
  readonly markdown: boolean
  readonly peers: readonly PeerOption[]
  /** Use the load generator in Node even if wrk is there. */
  readonly withoutWrk: boolean
  /** Sessions in the memory row. */
  readonly sessions: number
}

export const USAGE = `npm run bench -- [options]

  --seconds N        how long each row is measured, all its rounds together (default 5)
  --only TEXT        only rows whose name contains TEXT, with the baselines they need
  --json FILE        write the figures to FILE
  --markdown         print the tables of docs/benchmark.md
  --peer NAME=PATH   put a peer's program through the same request; oauth2-proxy is known
  --sessions N       sessions in the row about memory (default 100000)
  --without-wrk      use the load generator in Node even if wrk is there
`

/** The benchmark was called wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Reads the command line; throws a UsageError that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parsed(args)
  return {
    seconds: positive('--seconds', values.seconds),
    only: values.only,
    json: values.json,
    markdown: values.markdown,
    peers: values.peer.map(peer),
    withoutWrk: values['without-wrk'],
    sessions: Math.ceil(positive('--sessions', values.sessions)),
  }
}

/** Node says by a TypeError what is wrong with an option. */
function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: '5' },
        only: { type: 'string' },
        json: { type: 'string' },
        markdown: { type: 'boolean', default: false },
        peer: { type: 'string', multiple: true, default: [] },
        sessions: { type: 'string', default: '100000' },
        'without-wrk': { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0 && number <= 1_000_000) return number
  throw new UsageError(`${option} is ${JSON.stringify(text)}; expected a number above 0`)
}

function peer(text: string): PeerOption {
  const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || path === undefined)
    throw new UsageError(`--peer is ${JSON.stringify(text)}; expected NAME=PATH`)
  return { name, path }
}
