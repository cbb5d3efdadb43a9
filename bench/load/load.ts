import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type CommandLine, type Machine, pinned } from '../machine.ts'
import { wrkCommand } from './wrk.ts'

/** What is sent where. Several requests: each is sent once, in order, and the slice ends when they run out. */
export interface Load {
  readonly port: number
  /** Requests as they go over the wire, one byte per character. */
  readonly requests: readonly string[]
  /** Each answer's status and length; anything else fails the run. */
  readonly status: number
  readonly answerBytes: number
  readonly seconds: number
}

/** What a load generator counted. */
export interface Counted {
  readonly requests: number
  readonly seconds: number
  readonly bytes: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Connections, reads and writes that failed or timed out, and answers with a status that is not to be. */
  readonly errors: number
}

export const CONNECTIONS = 32
const NODE_LOAD = fileURLToPath(new URL('node-load.ts', import.meta.url))

/**
 * Puts load on a server and gives what was counted; throws if a single answer was not the right one. wrk cannot end when a
 * list of requests does, so lists are for the generator in Node; what they ask is slow enough for it.
 */
export async function putLoad(machine: Machine, load: Load, directory: string): Promise<Counted> {
  const generator =
    machine.wrk === undefined || load.requests.length > 1
      ? { command: process.execPath, args: [NODE_LOAD], input: JSON.stringify(load) }
      : await wrkCommand(machine.wrk, load, directory)
  const counted = JSON.parse(await run(pinned(machine.loadCore, generator), generator.input)) as Counted
  assertRight(counted, load)
  return counted
}

/** Load generators cannot look at every answer; the sum of all lengths tells. What was under way at the end may miss. */
function assertRight({ requests, bytes, errors }: Counted, { answerBytes, port }: Load): void {
  if (requests === 0) throw new Error(`port ${port}: no answers`)
  if (errors > 0) throw new Error(`port ${port}: ${errors} of ${requests} answers were errors`)
  const tolerance = CONNECTIONS * answerBytes
  if (Math.abs(bytes - requests * answerBytes) > tolerance) {
    throw new Error(
      `port ${port}: ${requests} answers of ${answerBytes} bytes came to ${bytes} bytes: not all were right`,
    )
  }
}

async function run({ command, args }: CommandLine, input: string): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  child.stdin.end(input)
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended.promise])
  process.off('exit', kill)
  const line = stdout
    .toString()
    .split('\n')
    .find((text) => text.startsWith('{'))
  if (code !== 0 || line === undefined) throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`)
  return line
}
