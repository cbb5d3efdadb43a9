import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { temporaryDirectory } from './directory.ts'
import { freePort } from './port.ts'
import { startProcess } from './process.ts'
import { requireProgram } from './programs.ts'

/** What an expression comes to for one set of labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A real Prometheus of its own. */
export interface PrometheusPart extends AsyncDisposable {
  /** Evaluates an expression of PromQL as of now. Throws an Error with Prometheus' own words if it takes it for none. */
  query(expression: string): Promise<readonly Sample[]>
  /** Ends it and removes its directory. */
  stop(): Promise<void>
}

interface PrometheusSettings {
  readonly job: string
  /** What is scraped, every second: where `/metrics` is, as `address:port`, and labels that Kubernetes would give it. */
  readonly targets: readonly { readonly address: string; readonly labels: Readonly<Record<string, string>> }[]
}

/** Starts Prometheus, with its data in a directory of its own, and waits until it is ready, not until it has scraped. */
export async function startPrometheus({ job, targets }: PrometheusSettings): Promise<PrometheusPart> {
  const command = requireProgram('prometheus')
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('prometheus'))
  const file = join(directory, 'prometheus.yml')
  const scraped = targets.map(({ address, labels }) => ({ targets: [address], labels }))
  await writeFile(
    file,
    stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: job, static_configs: scraped }],
    }),
  )
  const address = `127.0.0.1:${await freePort()}`
  const running = await startProcess({
    command,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    ],
    cwd: directory,
    env: { PATH: process.env.PATH },
    isReady: async () => (await fetch(`http://${address}/-/ready`)).ok,
  })
  const owned = cleanup.move()
  async function stop(): Promise<void> {
    await running.stop()
    await owned.disposeAsync()
  }
  return {
    async query(expression) {
      const answer = await fetch(`http://${address}/api/v1/query?${new URLSearchParams({ query: expression })}`)
      const { error, data } = (await answer.json()) as Answer
      if (data === undefined) throw new Error(`${expression}: ${error}`)
      return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }))
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface Answer {
  readonly error?: string
  readonly data?: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[]
  }
}
