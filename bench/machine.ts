import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '../test/parts/programs.ts'

/** What the figures were measured on and with. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  /** The core of everything that is measured, and of the load generator and Redis; undefined: not pinned. */
  readonly serverCore: number | undefined
  readonly loadCore: number | undefined
  /** The load generator's file; undefined: the one in Node. */
  readonly wrk: string | undefined
  readonly redis: string | undefined
  readonly nginx: string | undefined
  /** What is not as it should be here, in whole sentences. */
  readonly notes: readonly string[]
}

/** A program and its arguments. */
export interface CommandLine {
  readonly command: string
  readonly args: readonly string[]
}

export function lookAround({ withoutWrk }: { readonly withoutWrk: boolean }): Machine {
  const notes: string[] = []
  const cores = availableParallelism()
  const isPinning = process.platform === 'linux' && isOnPath('taskset')
  const wrk = withoutWrk ? undefined : findProgram('wrk')
  const redis = findProgram('redis-server')
  const nginx = findProgram('nginx')
  if (!isPinning) notes.push('taskset is missing: nothing is pinned to a core.')
  if (cores < 2) notes.push('There is one core: the load generator takes its share of it, and every figure is too low.')
  if (withoutWrk)
    notes.push('--without-wrk: the load generator is a Node program, which is slower and adds to latency.')
  else if (wrk === undefined) {
    notes.push('wrk is missing: the load generator is a Node program, which is slower and adds to latency.')
  }
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    serverCore: isPinning ? 0 : undefined,
    loadCore: isPinning && cores > 1 ? 1 : undefined,
    wrk,
    redis,
    nginx,
    notes,
  }
}

/** The command line that runs a program on one core; the program alone where there is nothing to pin with. */
export function pinned(core: number | undefined, { command, args }: CommandLine): CommandLine {
  return core === undefined ? { command, args } : { command: 'taskset', args: ['-c', String(core), command, ...args] }
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK)
      return directory !== ''
    } catch {
      return false
    }
  })
}

const execute = promisify(execFile)

/** Moves a program that already runs, with all its threads, to one core. */
export async function pinRunning(core: number | undefined, pid: number): Promise<void> {
  if (core !== undefined) await execute('taskset', ['-a', '-c', '-p', String(core), String(pid)])
}
