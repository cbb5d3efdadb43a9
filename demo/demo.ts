/**
 * `npm run demo`: Gatehouse with two apps and two providers on this machine, until Ctrl-C.
 * `npm run demo -- --smoke`: walks the whole journey by itself and exits 0, or 1 with what failed.
 */
import { parseArgs } from 'node:util'
import { choosePorts, DEFAULT_PORTS, type Ports, PortTakenError } from './ports.ts'
import { smoke } from './smoke/smoke.ts'
import { type Demo, startDemo } from './start.ts'

const NAMES = Object.keys(DEFAULT_PORTS) as (keyof Ports)[]

const USAGE = `Usage: npm run demo -- [options]

  --smoke             walk the whole journey by itself, on free ports, and exit
${NAMES.map((name) => `  ${`--${name}-port N`.padEnd(19)} default ${DEFAULT_PORTS[name]}, 0 for any free one`).join('\n')}
  --log-level LEVEL   of Gatehouse: debug, info, warn or error (default)
  --help
`

function welcome({ auth, whoami, reports, metrics, resourcesDirectory }: Demo): string {
  return `
  Gatehouse is running. Open

    ${whoami}/   for everybody: shows what an app gets to know
    ${reports}/  for engineering only; its /api for sales too
    ${auth}/     all apps of whoever is signed in

  Log in with either provider as alice (engineering) or bob (sales).

    Policies  ${resourcesDirectory}
              edit a file and reload the page; if it has no effect, see what is wrong by
              npm run -s gatehouse -- validate ${resourcesDirectory} --auth-url ${auth}
    Metrics   ${metrics}

  Ctrl-C ends everything and leaves nothing behind.
`
}

async function run(): Promise<number> {
  const options = Object.fromEntries(NAMES.map((name) => [`${name}-port`, { type: 'string' as const }]))
  const { values } = parseArgs({
    options: {
      ...options,
      smoke: { type: 'boolean' },
      help: { type: 'boolean' },
      'log-level': { type: 'string' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const logLevel = values['log-level']
  if (values.smoke) {
    const anyPorts = Object.fromEntries(NAMES.map((name) => [name, 0])) as Ports
    return smoke(await startDemo(anyPorts, logLevel), console.log)
  }

  const signal = stopSignal()
  const { ports, notes } = await choosePorts(portsAsked(values))
  const demo = await startDemo(ports, logLevel)
  console.log([...notes.map((note) => `  ${note}`), welcome(demo)].join('\n'))
  await demo.stop(await signal)
  console.log('  Stopped.')
  return 0
}

function portsAsked(values: Readonly<Record<string, unknown>>): Partial<Ports> {
  const asked = NAMES.flatMap((name) => {
    const text = values[`${name}-port`]
    return text === undefined ? [] : [[name, portNumber(name, String(text))]]
  })
  return Object.fromEntries(asked)
}

class UsageError extends Error {
  override readonly name = 'UsageError'
}

function portNumber(name: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UsageError(`--${name}-port has to be a number from 0 to 65535, not ${text}.`)
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal))
  })
}

function isWrongUsage(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}

try {
  process.exitCode = await run()
} catch (error) {
  if (isWrongUsage(error)) console.error(`${error.message}\n\n${USAGE}`)
  else if (error instanceof PortTakenError) console.error(error.message)
  else console.error(error)
  process.exitCode = isWrongUsage(error) ? 2 : 1
}
