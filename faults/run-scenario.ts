import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Bounds, PROMISED } from './bounds.ts'
import { checkHistory } from './check-history.ts'
import { runClient } from './client.ts'
import { figuresOfHistory, type HistoryFigures, type Spread } from './history-figures.ts'
import { lastLetIn } from './last-let-in.ts'
import { createRecorder } from './recorder.ts'
import { NotRecoveredError, untilAllIsWell } from './recovery.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { Scene } from './scene.ts'
import { type StallWatch, watchStalls } from './stalls.ts'
import { sweep } from './sweep.ts'
import { type Timeline, timelineOf } from './timeline.ts'
import { newTrial, seeded, type Trial } from './trial.ts'
import { runWitness } from './witness.ts'

/** What came of some rounds of a scenario, recorded in one history. */
export interface Outcome {
  readonly scenario: Scenario
  readonly rounds: number
  readonly figures: HistoryFigures
  /** After a revocation was accepted, the last moment at which somebody whom it hits was let in, in milliseconds. */
  readonly lastLetInMs: Spread
  /** Revocations of people who signed out, which are counted as pending. */
  readonly signOuts: number
  /** From the end of each fault until all was well, in milliseconds. */
  readonly recoveries: readonly number[]
  /** From the answer that a revocation is accepted until every replica refused, where nothing was wrong, in milliseconds. */
  readonly refusedAfterMs: readonly number[]
  /** What broke a promise, or could not be proven. */
  readonly violations: readonly string[]
  /** Where the history is. */
  readonly file: string
}

export interface RunSettings {
  readonly rounds: number
  readonly seed: number
  readonly maxStalenessMs: number
  /** Where histories are written. */
  readonly directory: string
  readonly say: (line: string) => void
}

const CLIENTS = 5
/** Rounds in one history; then another is begun in the same world. */
const ROUNDS_IN_HISTORY = 10
/** How often the proof at the end is begun again. */
const MOST_PROOFS = 5

/** Does the rounds in a scene, and holds what happened against the promises: an outcome for each history. */
export async function* runScenario(scene: Scene, scenario: Scenario, settings: RunSettings): AsyncGenerator<Outcome> {
  for (let done = 0; done < settings.rounds; done += ROUNDS_IN_HISTORY) {
    const rounds = Math.min(ROUNDS_IN_HISTORY, settings.rounds - done)
    yield await runHistory(scene, scenario, { ...settings, rounds, seed: settings.seed + done })
  }
}

async function runHistory(scene: Scene, scenario: Scenario, settings: RunSettings): Promise<Outcome> {
  const { directory, seed, rounds, maxStalenessMs } = settings
  const file = join(directory, `${scenario.name}-${seed}.jsonl`)
  using recorder = createRecorder(file)
  using stalls = watchStalls(recorder)
  const trial = newTrial({ scene, recorder, random: seeded(seed), revocationMs: maxStalenessMs })
  scene.rotating.watch((renewal) => recorder.record({ kind: 'refresh', client: 'provider', ...renewal }), recorder.now)
  recorder.record({ kind: 'world', replicas: scene.replicas.map(({ name }) => name), title: scenario.name })
  const problems = await roundsOf(trial, stalls, scenario, settings)
  const bounds: Bounds = { ...PROMISED, revocationMs: maxStalenessMs }
  const history = recorder.history()
  const found = checkHistory(history, bounds).map(({ kind, text }) => `${kind}: ${text}`)
  const violations = [...problems, ...found]
  if (violations.length > 0) await keepLogs(scene, file)
  return {
    scenario,
    rounds,
    figures: figuresOfHistory(history, bounds),
    lastLetInMs: lastLetIn(history, bounds),
    signOuts: trial.signOuts,
    recoveries: scenario.isHarmless === true ? [] : trial.recoveries,
    refusedAfterMs: calmPursuits(trial, timelineOf(history, bounds)),
    violations,
    file,
  }
}

/** Has it all on record how things are in the end, at a time when all was well and the machine did not stand still. */
async function prove(trial: Trial, stalls: StallWatch, canary: string): Promise<void> {
  for (let time = 0; time < MOST_PROOFS; time += 1) {
    await untilAllIsWell(trial, canary)
    const before = stalls.count()
    await sweep(trial)
    if (stalls.count() === before) return
  }
}

/** What the replicas wrote goes beside the history. */
async function keepLogs({ replicas }: Scene, file: string): Promise<void> {
  for (const replica of replicas) await writeFile(`${file}.${replica.name}.log`, replica.output())
}

/** Pursuits that were given up are no figure: the history shows whether a promise was broken. */
function calmPursuits({ pursuits }: Trial, { quietSince }: Timeline): number[] {
  return pursuits.flatMap(({ acceptedAtMs, refusedAfterMs }) => {
    if (refusedAfterMs === undefined) return []
    return quietSince(acceptedAtMs, acceptedAtMs + refusedAfterMs) === undefined ? [] : [refusedAfterMs]
  })
}

/** @returns what went wrong besides what the history shows */
async function roundsOf(
  trial: Trial,
  stalls: StallWatch,
  scenario: Scenario,
  { rounds, say }: RunSettings,
): Promise<string[]> {
  const { people } = trial.scene
  const problems: string[] = []
  const stop = new AbortController()
  const share = Math.floor(people.length / (CLIENTS + 1))
  const canary = people.at(-1) ?? ''
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    runClient(trial, `client-${index + 1}`, people.slice(index * share, (index + 1) * share), stop.signal),
  )
  // Whatever ends a client early is a fault of the harness and ends the run.
  const ended = Promise.all([...clients, runWitness(trial, stop.signal)])
  try {
    await Promise.race([ended, untilAllIsWell(trial, canary)])
    for (let round = 1; round <= rounds; round += 1) {
      await pause(500 + trial.random() * 1_000)
      problems.push(...(await Promise.race([ended.then(() => []), oneRound(trial, scenario)])))
      const tookMs = await untilAllIsWell(trial, canary)
      trial.recoveries.push(tookMs)
      say(`${scenario.name} ${round}/${rounds}: well after ${Math.round(tookMs)} ms`)
    }
    stop.abort()
    await ended
    // What was revoked last has its time to be heard of everywhere.
    await pause(1_500)
    await prove(trial, stalls, canary)
  } catch (error) {
    if (!(error instanceof NotRecoveredError)) throw error
    problems.push(`never recovered: ${error.message}`)
  } finally {
    stop.abort()
    await ended
  }
  return problems
}

async function oneRound(trial: Trial, scenario: Scenario): Promise<readonly string[]> {
  const { recorder } = trial
  const beganAtMs = recorder.now()
  const mark = (phase: 'begins' | 'ends', atMs: number) => {
    if (scenario.isHarmless !== true) recorder.record({ kind: 'fault', fault: scenario.name, phase, atMs })
  }
  mark('begins', beganAtMs)
  const { end, loss } = await scenario.begin(trial)
  const [problems = []] = await Promise.all([scenario.during?.(trial), pause(scenario.holdMs)])
  await end()
  const endedAtMs = recorder.now()
  mark('ends', endedAtMs)
  if (loss !== undefined) recorder.record({ kind: 'data-loss', beganAtMs, endedAtMs, ...loss })
  return problems
}
