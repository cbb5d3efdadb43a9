import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Config } from './config/schema.ts'
import type { Events } from './observe/events.ts'
import type { PolicySet } from './policy/policy-set.ts'
import type { PublicUrls } from './policy/public-url.ts'
import type { Providers } from './providers/index.ts'
import type { Catalogue } from './resources/catalogue.ts'
import { compileInSteps } from './resources/compile.ts'
import { watchDirectory } from './resources/directory.ts'
import { objectLabel } from './resources/objects.ts'
import type { SourceSnapshot } from './resources/source.ts'
import { isHealthy, isInForce, type ObjectStatus } from './resources/status.ts'

/** The resources that are in force now. */
export interface ServedResources {
  /** Undefined until the first whole set is there. */
  readonly policySet: () => PolicySet | undefined
  readonly close: () => Promise<void>
}

/**
 * Keeps what is served equal to the directory: reads, compiles, reports and swaps. Until every file, and what every
 * application protects, could be read once nothing is served: what cannot be read may be what shuts a path. From then on
 * what applications were when they were last valid is known, and handed to the next compilation.
 */
export async function serveResources(
  config: Config,
  {
    urls,
    cookiePrefix,
    providers,
    events,
  }: {
    readonly urls: PublicUrls
    readonly cookiePrefix: string
    readonly providers: Providers
    readonly events: Events
  },
): Promise<ServedResources> {
  let current: Catalogue | undefined

  async function serve(snapshot: SourceSnapshot): Promise<void> {
    const started = performance.now()
    const catalogue = await unhurried(
      compileInSteps(snapshot.objects, {
        issuer: urls.issuer,
        systemNamespace: config.namespace,
        hostClaims: config.hostClaims,
        hashHex: (text) => createHash('sha256').update(text).digest('hex'),
        cookiePrefix,
        allowHttpLocalhost: config.development,
        secret: snapshot.secret,
        lastKnown: current?.lastKnown ?? new Map(),
        isWhole: snapshot.unread.length === 0,
      }),
    )
    report(config.resources.directory, snapshot, catalogue, events)
    events.resourcesLoaded({ kinds: counted(catalogue.statuses), seconds: (performance.now() - started) / 1000 })
    if (current === undefined && reportObstacles(snapshot, events) > 0) return
    providers.replace(catalogue.identityProviders)
    current = catalogue
  }

  const { directory, secretsDirectory, pollIntervalMs } = config.resources
  const source = await watchDirectory({ directory, secretsDirectory, pollIntervalMs }, (error) =>
    events.internalError({ where: 'resources', error }),
  )
  let last = serve(source.current())
  await last
  source.onChange((snapshot) => {
    // One after the other, so that the newest set is the last to be swapped in.
    last = last.then(() => serve(snapshot)).catch((error) => events.internalError({ where: 'resources', error }))
  })
  return { policySet: () => current?.policySet, close: async () => source[Symbol.asyncDispose]() }
}

/** Longest time that other work waits for a set to be compiled, but for a single step. */
const SLICE_MS = 10

async function unhurried<Result>(steps: Generator<void, Result>): Promise<Result> {
  let sliceStart = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    if (performance.now() - sliceStart < SLICE_MS) continue
    await nextTurn()
    sliceStart = performance.now()
  }
}

/** Says what keeps the first set from being served. @returns how much there is */
function reportObstacles({ unread, objects }: SourceSnapshot, events: Events): number {
  const incomplete = objects.filter(({ isIncomplete }) => isIncomplete)
  for (const file of unread) {
    const problem = 'cannot be read, and may shut what others open: nothing is served until it is mended'
    events.resourceProblem({ file, line: undefined, object: undefined, path: '', problem })
  }
  for (const one of incomplete) {
    const problem = 'what it protects cannot be read: nothing is served until it is mended'
    const { file, line } = one.position ?? { file: undefined, line: undefined }
    events.resourceProblem({ file, line, object: objectLabel(one), path: 'spec.destinations', problem })
  }
  return unread.length + incomplete.length
}

function report(
  directory: string,
  { problems, notices }: SourceSnapshot,
  { statuses }: Catalogue,
  events: Events,
): void {
  for (const { file, line, object, path, found, expected } of problems) {
    const at = file === '.' ? directory : file
    events.resourceProblem({ file: at, line, object, path, problem: `found ${found}, expected ${expected}` })
  }
  for (const { file, line, text } of notices) {
    events.resourceProblem({ file, line, object: undefined, path: '', problem: text })
  }
  for (const status of statuses.filter((one) => !isHealthy(one))) {
    const { kind, namespace, name, position, conditions } = status
    const problem = conditions
      .filter((condition) => condition.status === 'False')
      .map(({ type, reason, message }) => `${type} is false (${reason})${message === '' ? '' : `: ${message}`}`)
      .join('; ')
    const object = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
    events.resourceProblem({ file: position?.file, line: position?.line, object, path: '', problem })
  }
}

function counted(statuses: readonly ObjectStatus[]): Record<string, { ready: number; refused: number }> {
  const kinds: Record<string, { ready: number; refused: number }> = {}
  for (const status of statuses) {
    const count = kinds[status.kind] ?? { ready: 0, refused: 0 }
    kinds[status.kind] = count
    if (isInForce(status)) count.ready++
    else count.refused++
  }
  return kinds
}
