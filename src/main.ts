import { readFile } from 'node:fs/promises'
import { AdminCredentialsError } from './admin/tls-files.ts'
import { type CommandIo, WRONG_USAGE } from './cli/command.ts'
import { commands, runCommand } from './cli/index.ts'
import { startCommand } from './cli/start.ts'
import { compose } from './compose.ts'
import { loadConfig } from './config/load.ts'
import { formatProblems } from './config/problem.ts'
import { KeyFileError } from './tokens/file.ts'

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  readFile: (path) => readFile(path, 'utf8'),
}

/** Runs the service until it is told to stop. */
async function serve(configFile: string | undefined, { cwd, env, readFile: read, stderr }: CommandIo): Promise<number> {
  const loaded = await loadConfig({ file: configFile, cwd, env, readFile: read })
  if (!loaded.ok) {
    stderr.write(`configuration is not valid\n\n${formatProblems(loaded.problems)}`)
    return WRONG_USAGE
  }
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  try {
    const service = await compose(loaded.config, { version })
    const signal = await stopSignal()
    await service.stop(signal)
    return 0
  } catch (error) {
    const reason = cannotStart(error)
    if (reason === undefined) throw error
    stderr.write(`gatehouse cannot start: ${reason}\n`)
    return 1
  }
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}

/** What an operator can mend, in one line; undefined for a fault of ours. */
function cannotStart(error: unknown): string | undefined {
  if (error instanceof KeyFileError || error instanceof AdminCredentialsError) return error.message
  return error instanceof Error && 'syscall' in error ? error.message : undefined
}

process.exitCode = await runCommand(process.argv.slice(2), io, [startCommand(serve), ...commands])
