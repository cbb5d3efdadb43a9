import { temporaryDirectory } from '../test/parts/directory.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../test/parts/openid-provider.ts'
import { startRedis } from '../test/parts/redis.ts'
import { type Machine, pinRunning } from './machine.ts'
import { AUTH_URL, type GatehouseServer, startGatehouse } from './servers/gatehouse.ts'
import { CLIENT, PERSON, PROVIDER } from './servers/resources.ts'
import { type BenchServer, startPlain } from './servers/start.ts'

export const FEW_APPLICATIONS = 10
export const MANY_APPLICATIONS = 10_000

/** What runs for the rows, each part from when it is first asked for until the rig is disposed of. */
export interface Rig extends AsyncDisposable {
  readonly machine: Machine
  readonly provider: OpenIdProvider
  /** For the load generators' files. */
  readonly directory: string
  readonly empty: () => Promise<BenchServer>
  /** 10 applications, sessions in memory, no line for an allow. */
  readonly gatehouse: () => Promise<GatehouseServer>
  /** The same with 10,000 applications. */
  readonly large: () => Promise<GatehouseServer>
  /** The same as the first with a line for every allow. */
  readonly logging: () => Promise<GatehouseServer>
  /** 10,000 applications and sessions in Redis where there is one: for tokens that it has not seen. */
  readonly fresh: () => Promise<GatehouseServer & { readonly redisUrl: string | undefined }>
  /** Undefined if the machine has none. It shares the load generator's core. */
  readonly redisUrl: () => Promise<string | undefined>
  /** Has something disposed of with the rig. */
  readonly use: <Part extends AsyncDisposable>(part: Part) => Part
}

export async function openRig(machine: Machine): Promise<Rig> {
  await using cleanup = new AsyncDisposableStack()
  const directory = cleanup.use(await temporaryDirectory('bench'))
  const redirectUris = [`${AUTH_URL}/callback/${PROVIDER}`]
  const provider = cleanup.use(
    await startOpenIdProvider({ accounts: [PERSON], clients: [{ ...CLIENT, redirectUris }] }),
  )
  const owned = cleanup.move()

  function once<Part>(start: () => Promise<Part>): () => Promise<Part> {
    let started: Promise<Part> | undefined
    return () => {
      started ??= start()
      return started
    }
  }
  async function gatehouse(applications: number, allowSampling: number, redis: string | undefined) {
    const settings = { applications, allowSampling, ...(redis === undefined ? {} : { redisUrl: redis }) }
    return owned.use(await startGatehouse(machine, provider, settings))
  }
  const redisUrl = once(async () => {
    if (machine.redis === undefined) return undefined
    const redis = owned.use(await startRedis())
    await pinRunning(machine.loadCore, redis.pid)
    return redis.url
  })
  return {
    machine,
    provider,
    directory: directory.path,
    empty: once(async () => owned.use(await startPlain(machine))),
    gatehouse: once(() => gatehouse(FEW_APPLICATIONS, 0, undefined)),
    large: once(() => gatehouse(MANY_APPLICATIONS, 0, undefined)),
    logging: once(() => gatehouse(FEW_APPLICATIONS, 1, undefined)),
    fresh: once(async () => {
      const url = await redisUrl()
      return { ...(await gatehouse(MANY_APPLICATIONS, 0, url)), redisUrl: url }
    }),
    redisUrl,
    use: (part) => owned.use(part),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
