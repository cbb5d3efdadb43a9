import { fileURLToPath } from 'node:url'
import { freePort, isListening } from '../../test/parts/port.ts'
import { type RunningProcess, startProcess } from '../../test/parts/process.ts'
import { type CommandLine, type Machine, pinned } from '../machine.ts'

/** A server that is measured, in a process of its own. */
export interface BenchServer extends AsyncDisposable {
  readonly port: number
  readonly pid: number
}

const PLAIN = fileURLToPath(new URL('plain.ts', import.meta.url))

/** Starts a program on the core of what is measured and waits until it accepts connections. */
export async function startPinned(
  machine: Machine,
  commandLine: CommandLine,
  port: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunningProcess> {
  const { command, args } = pinned(machine.serverCore, commandLine)
  return startProcess({ command, args, env, isReady: () => isListening(port), readyTimeoutMs: 60_000 })
}

/** Starts an empty `node:http` server, or one that always gives the same answer. */
export async function startPlain(
  machine: Machine,
  answer?: { readonly status: number; readonly headers: readonly string[]; readonly body?: string },
): Promise<BenchServer> {
  const port = await freePort()
  const constant =
    answer === undefined ? [] : [String(answer.status), JSON.stringify(answer.headers), answer.body ?? '']
  const args = [PLAIN, String(port), ...constant]
  const running = await startPinned(machine, { command: process.execPath, args }, port)
  return { port, pid: running.pid, [Symbol.asyncDispose]: running.stop }
}
