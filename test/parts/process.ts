import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from './until.ts'

/** A program that a test has started. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number
  /** Whether it still runs. */
  readonly isRunning: boolean
  /** Resolves when it has ended, with its exit code or the signal that ended it. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** What it has written so far to standard output and standard error, in the order of arrival. */
  output(): string
  /** Sends a signal; does nothing once it has ended. */
  signal(signal: NodeJS.Signals): void
  /** Ends it by SIGTERM, after 5 s by SIGKILL, and waits until it is gone. Harmless when repeated. */
  stop(): Promise<void>
}

interface ProcessSettings {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** Replaces the environment of the test. */
  readonly env?: NodeJS.ProcessEnv
  /** Polled until it answers true. */
  readonly isReady: (soFar: { pid: number; output: string }) => boolean | Promise<boolean>
  readonly readyTimeoutMs?: number
}

const OUTPUT_LIMIT = 1_000_000

/**
 * Starts a program and waits until it is ready. If it ends before that, or takes too long, the error shows what it wrote,
 * and nothing is left running.
 */
export async function startProcess(settings: ProcessSettings): Promise<RunningProcess> {
  const started = await launch(settings)
  const end = new AbortController()
  try {
    await until(
      `${settings.command} is ready`,
      async () => {
        if (!started.isRunning) end.abort()
        return end.signal.aborted || (await settings.isReady({ pid: started.pid, output: started.output() }))
      },
      { timeoutMs: settings.readyTimeoutMs ?? 15_000 },
    )
    if (end.signal.aborted) throw new Error(`it ended: ${JSON.stringify(await started.ended)}`)
    return started
  } catch (cause) {
    await started.stop()
    throw new Error(`${settings.command} did not start. What it wrote:\n${started.output()}`, { cause })
  }
}

async function launch({ command, args, cwd, env = process.env }: ProcessSettings): Promise<RunningProcess> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)

  const spawned = Promise.withResolvers<void>()
  child.once('spawn', spawned.resolve)
  child.once('error', spawned.reject)
  await spawned.promise
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} has no process id`)

  let isRunning = true
  const killWithTest = () => child.kill('SIGKILL')
  process.once('exit', killWithTest)
  const { promise: ended, resolve } = Promise.withResolvers<Awaited<RunningProcess['ended']>>()
  child.once('exit', () => {
    isRunning = false
    process.off('exit', killWithTest)
  })
  child.once('close', (code, signal) => resolve({ code, signal }))

  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    child.kill('SIGCONT')
    const patience = new AbortController()
    const kill = pause(5_000, undefined, { signal: patience.signal, ref: false }).then(
      () => child.kill('SIGKILL'),
      () => false,
    )
    await ended
    patience.abort()
    await kill
  }

  return {
    pid,
    ended,
    get isRunning() {
      return isRunning
    },
    output: () => output,
    signal: (signal) => void child.kill(signal),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
