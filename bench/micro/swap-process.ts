/**
 * Serves a directory of 10 applications as Gatehouse does, puts 10,000 there, and prints as JSON how long compiling and
 * swapping them in took and for how long the event loop stood still meanwhile: `swap-process.ts DIRECTORY ISSUER`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { loadConfig } from '../../src/config/load.ts'
import type { Events } from '../../src/observe/events.ts'
import { publicUrls } from '../../src/policy/public-url.ts'
import { createProviders } from '../../src/providers/index.ts'
import { serveDirectory } from '../../src/supply-from-files.ts'
import { until } from '../../test/parts/until.ts'
import { FEW_APPLICATIONS, MANY_APPLICATIONS } from '../rig.ts'
import { writeApplications, writeResources } from '../servers/resources.ts'

/** Milliseconds each. */
export interface SwapTimes {
  readonly swap: number
  readonly longestPause: number
}

const [directory = '', issuer = ''] = process.argv.slice(2)
const { resources, secrets } = await writeResources(directory, { applications: FEW_APPLICATIONS, issuer })
const file = join(directory, 'gatehouse.yaml')
await writeFile(
  file,
  JSON.stringify({
    auth: { url: 'http://auth.localhost:8000' },
    development: true,
    resources: { directory: resources, secretsDirectory: secrets, pollInterval: '100ms' },
    store: { type: 'Memory' },
    keys: { file: 'keys.json', create: true },
  }),
)
const loaded = await loadConfig({ file, cwd: directory, env: {}, readFile: (path) => readFile(path, 'utf8') })
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))

let swap = 0
const heard: Partial<Events> = {
  resourcesLoaded({ seconds }) {
    swap = seconds * 1000
  },
}
const events = new Proxy(heard, { get: (target, name) => Reflect.get(target, name) ?? (() => undefined) }) as Events
const served = await serveDirectory(loaded.config, {
  urls: publicUrls(new URL(loaded.config.auth.url)),
  cookiePrefix: '',
  providers: createProviders({ events, now: Date.now, allowHttpLocalhost: true }),
  events,
})

await writeApplications(resources, MANY_APPLICATIONS)
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const size = () => served.policySet()?.applications.size
await until('all applications are there', () => size() === MANY_APPLICATIONS, { timeoutMs: 60_000, everyMs: 20 })
delay.disable()
await served.close()
console.log(JSON.stringify({ swap, longestPause: delay.max / 1e6 } satisfies SwapTimes))
