import { readFile } from 'node:fs/promises'
import { type CommandIo, WRONG_USAGE } from './cli/command.ts'
import { commands, runCommand } from './cli/index.ts'
import { startCommand } from './cli/start.ts'
import { compose } from './compose.ts'
import { loadConfig } from './config/load.ts'
import { formatProblems } from './config/problem.ts'
import { obstacleOf, startObstacles } from './start-obstacles.ts'

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  readFile: (path) => readFile(path, 'utf8'),
  startObstacles,
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
    const reason = obstacleOf(error, loaded.config)
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

process.exitCode = await runCommand(process.argv.slice(2), io, [startCommand(serve), ...commands])
