import { type Counted, putLoad } from './load/load.ts'
import { type Answer, probe } from './probe.ts'
import { type WireRequest, wireText } from './request.ts'
import type { Rig } from './rig.ts'
import { type Baseline, EMPTY, type Row, type Target } from './rows.ts'

/** One row of the result. */
export interface Run {
  readonly name: string
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly ratioToEmpty: number
  /** To the constant server that says the same: the full answer, or the user alone for the rows `user only`. */
  readonly ratioToConstant: number
}

/** How the time of a row is cut up. */
export interface Schedule {
  readonly rounds: number
  readonly sliceSeconds: number
}

const MOST_ROUNDS = 5
const WARM_UP_SECONDS = 5

/** Slices of at least a second, which is the least that wrk can do; five of them if there is time. */
export function scheduleOf(seconds: number): Schedule {
  const rounds = Math.min(MOST_ROUNDS, Math.max(1, Math.floor(seconds)))
  return { rounds, sliceSeconds: seconds / rounds }
}

/** A row's slice and those of its baselines just before or after it. */
interface Round {
  readonly row: Counted
  readonly empty: Counted
  readonly constant: Counted
}

interface OpenRow {
  readonly row: Row
  readonly target: Target
}

/**
 * Measures rows in short rounds. In each round a row stands between the empty server and the constant one, which get the
 * very same request, and what counts is the median of the rounds, so that noise hits all three alike.
 *
 * @param rows those to show
 * @param all where the baselines are found
 */
export async function measure(
  rig: Rig,
  {
    rows,
    all,
    schedule,
    say,
  }: {
    readonly rows: readonly Row[]
    readonly all: readonly Row[]
    readonly schedule: Schedule
    readonly say: (line: string) => void
  },
): Promise<Run[]> {
  const opened = new Map<string, OpenRow>()
  const open = async (name: string): Promise<OpenRow> => {
    const known = opened.get(name)
    if (known !== undefined) return known
    const row = all.find((one) => one.name === name)
    if (row === undefined) throw new Error(`no row ${name}`)
    const made = { row, target: await row.open(rig) }
    opened.set(name, made)
    say(`warming up: ${name}`)
    await warmUp(rig, made.target, schedule.sliceSeconds < 1 ? schedule.sliceSeconds : WARM_UP_SECONDS)
    return made
  }
  for (const name of [EMPTY, ...new Set(rows.map(({ baseline }) => baseline)), ...rows.map(({ name }) => name)]) {
    await open(name)
  }

  const rounds = new Map<string, Round[]>()
  for (let round = 0; round < schedule.rounds; round++) {
    for (const { name, baseline } of rows) {
      say(`round ${round + 1} of ${schedule.rounds}: ${name}`)
      const parts = { row: await open(name), empty: await open(EMPTY), constant: await open(baseline) }
      const measured = await measureRound(rig, parts, schedule.sliceSeconds, round)
      rounds.set(name, [...(rounds.get(name) ?? []), measured])
    }
  }
  return rows.map(({ name }) => runOf(name, rounds.get(name) ?? []))
}

async function measureRound(
  rig: Rig,
  { row, empty, constant }: { readonly row: OpenRow; readonly empty: OpenRow; readonly constant: OpenRow },
  seconds: number,
  round: number,
): Promise<Round> {
  const { request } = row.target
  const requests = await row.target.fresh?.(seconds)
  const steps = [
    ['empty', () => slice(rig, empty.target, { request }, seconds)],
    ['row', () => slice(rig, row.target, requests && { requests }, seconds)],
    ['constant', () => slice(rig, constant.target, { request }, seconds)],
  ] as const
  const counted: { -readonly [Part in keyof Round]?: Counted | undefined } = {}
  for (const [part, run] of round % 2 === 0 ? steps : steps.toReversed()) {
    const isBaseline = part === 'row' && (row === empty || row === constant)
    if (!isBaseline) counted[part] = await run()
  }
  if (row === empty) counted.row = counted.empty
  if (row === constant) counted.row = counted.constant
  return counted as Round
}

async function warmUp(rig: Rig, target: Target, seconds: number): Promise<void> {
  const requests = await target.fresh?.(seconds)
  await slice(rig, target, requests && { requests }, seconds)
}

/**
 * Puts load on a target for a while: its own request, another one, or many. One answer is looked at before and after; all
 * others must have its status and length.
 */
async function slice(
  rig: Rig,
  { port, request: own, answer }: Target,
  sent: { readonly request?: WireRequest; readonly requests?: readonly string[] } | undefined,
  seconds: number,
): Promise<Counted> {
  const request = sent?.request ?? own
  const requests = sent?.requests ?? [wireText(request)]
  assertSame(answer, await probe(port, request))
  const load = { port, requests, status: answer.status, answerBytes: answer.bytes, seconds }
  const counted = await putLoad(rig.machine, load, rig.directory)
  assertSame(answer, await probe(port, request))
  return counted
}

function assertSame(expected: Answer, found: Answer): void {
  if (expected.status === found.status && expected.bytes === found.bytes) return
  throw new Error(`the answer has changed: from ${JSON.stringify(expected)} to ${JSON.stringify(found)}`)
}

function runOf(name: string, rounds: readonly Round[]): Run {
  const of = (figure: (round: Round) => number) => median(rounds.map(figure))
  return {
    name,
    requestsPerSecond: Math.round(of(({ row }) => rate(row))),
    p50Ms: rounded(of(({ row }) => row.p50Ms)),
    p99Ms: rounded(of(({ row }) => row.p99Ms)),
    ratioToEmpty: rounded(of(({ row, empty }) => rate(row) / rate(empty))),
    ratioToConstant: rounded(of(({ row, constant }) => rate(row) / rate(constant))),
  }
}

function rate({ requests, seconds }: Counted): number {
  return requests / seconds
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The rows to measure beside those asked for, so that every ratio's other side is shown. */
export function withBaselines(chosen: readonly Row[], all: readonly Row[]): Row[] {
  const needed = new Set<string | Baseline>([EMPTY, ...chosen.map(({ baseline }) => baseline)])
  return all.filter((row) => chosen.includes(row) || needed.has(row.name))
}
