import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryDirectory } from '../../test/parts/directory.ts'
import type { Figure } from '../figures.ts'
import { pinned } from '../machine.ts'
import type { Rig } from '../rig.ts'
import type { SwapTimes } from './swap-process.ts'

const PROCESS = fileURLToPath(new URL('swap-process.ts', import.meta.url))
const SWAP_GOAL_MS = 500
const PAUSE_GOAL_MS = 50

/** Times the swapping in of 10,000 applications, in a process of its own. */
export async function measureSwap({ machine, provider }: Rig): Promise<Figure[]> {
  await using directory = await temporaryDirectory('bench')
  const node = { command: process.execPath, args: [PROCESS, directory.path, provider.issuer] }
  const { command, args } = pinned(machine.serverCore, node)
  const { stdout } = await promisify(execFile)(command, [...args])
  const { swap, longestPause } = JSON.parse(stdout) as SwapTimes
  return [
    atMost('Compiling and swapping in 10,000 applications', swap, SWAP_GOAL_MS),
    atMost('Longest pause of the event loop while they are read, compiled and swapped in', longestPause, PAUSE_GOAL_MS),
  ]
}

function atMost(name: string, value: number, goal: number): Figure {
  return { name, measured: `${value.toFixed(0)} ms`, goal: `at most ${goal} ms`, isReached: value <= goal }
}
