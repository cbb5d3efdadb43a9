import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Events } from './observe/events.ts'
import type { PolicySet } from './policy/policy-set.ts'
import type { PublicUrls } from './policy/public-url.ts'
import type { Providers } from './providers/index.ts'
import type { Catalogue } from './resources/catalogue.ts'
import { compileInSteps } from './resources/compile.ts'
import type { HostClaim } from './resources/host-owners.ts'
import { type ObjectsFrom, objectLabel } from './resources/objects.ts'
import { contentReader, differenceOf, type SetContent } from './resources/set-difference.ts'
import type { ResourceSource, SourceSnapshot } from './resources/source.ts'
import { isHealthy, isInForce, type ObjectStatus } from './resources/status.ts'

/** The resources that are in force now. */
export interface ServedResources<Snapshot extends SourceSnapshot = SourceSnapshot> {
  /** Undefined until the first whole set is there. */
  readonly policySet: () => PolicySet | undefined
  /** What is in force, and what it was made of; undefined until then. */
  readonly served: () => { readonly snapshot: Snapshot; readonly catalogue: Catalogue } | undefined
  /** Calls the listener after each swap. @returns a function that ends that */
  readonly onServed: (listener: () => void) => () => void
  readonly close: () => Promise<void>
}

/** Where the resources come from, and how they are read. */
export interface ServeOptions<Snapshot extends SourceSnapshot> {
  readonly source: ResourceSource<Snapshot>
  /** What stands for the source itself in what is reported of it. */
  readonly name: string
  readonly objectsFrom: ObjectsFrom
  /** Which namespace a host belongs to. */
  readonly hostClaims: (snapshot: Snapshot) => readonly HostClaim[]
  readonly systemNamespace: string
  readonly allowHttpLocalhost: boolean
  readonly urls: PublicUrls
  readonly cookiePrefix: string
  readonly providers: Providers
  readonly events: Events
}

/**
 * Keeps what is served equal to the source: reads, compiles, reports and swaps. Until every file, and what every
 * application protects, could be read once nothing is served: what cannot be read may be what shuts a path. From then on
 * what applications were when they were last valid is known, and handed to the next compilation. Resolves when what the
 * source has now has been looked at.
 */
export async function serveResources<Snapshot extends SourceSnapshot>(
  options: ServeOptions<Snapshot>,
): Promise<ServedResources<Snapshot>> {
  const { source, urls, providers, events } = options
  const listeners = new Set<() => void>()
  const readContent = contentReader(hashHex)
  let current: { readonly snapshot: Snapshot; readonly catalogue: Catalogue; readonly content: SetContent } | undefined
  let told: ReadonlySet<string> = new Set()

  async function serve(snapshot: Snapshot): Promise<void> {
    const started = performance.now()
    const catalogue = await unhurried(
      compileInSteps(snapshot.objects, {
        issuer: urls.issuer,
        systemNamespace: options.systemNamespace,
        hostClaims: options.hostClaims(snapshot),
        hashHex,
        cookiePrefix: options.cookiePrefix,
        allowHttpLocalhost: options.allowHttpLocalhost,
        secret: snapshot.secret,
        lastKnown: current?.catalogue.lastKnown ?? new Map(),
        objectsFrom: options.objectsFrom,
        isWhole: snapshot.unread.length === 0,
      }),
    )
    told = report(problemsIn(options.name, snapshot, catalogue), told, events)
    events.resourcesLoaded({ kinds: counted(catalogue.statuses), seconds: (performance.now() - started) / 1000 })
    // The API server has looked at what it lets in, and one author's object must not keep everybody else's from being served.
    const mustBeReadable = options.objectsFrom === 'Files'
    if (current === undefined && mustBeReadable && reportObstacles(snapshot, events) > 0) return
    const content = await unhurried(readContent(snapshot.objects, catalogue))
    const changes = current && differenceOf(current.content, content)
    providers.replace(catalogue.identityProviders)
    current = { snapshot, catalogue, content }
    if (changes === undefined || changes.length > 0) {
      events.policyChanged({ source: options.name, digest: content.digest, objects: content.parts.size, changes })
    }
    for (const listener of [...listeners]) listener()
  }

  const first = source.current()
  await serve(first)
  const refresh = newestOnly(serve, (error) => events.internalError({ where: 'resources', error }))
  source.onChange(refresh)
  if (source.current() !== first) refresh(source.current())
  return {
    policySet: () => current?.catalogue.policySet,
    served: () => current,
    onServed(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => source[Symbol.asyncDispose](),
  }
}

/**
 * Works on one thing after the other, and of all that come while one is under way only on the newest: a burst of changes
 * costs two compilations, and the newest set is the last to be swapped in.
 *
 * @param onError hears of work that failed; the next is done all the same
 */
export function newestOnly<Thing>(
  work: (thing: Thing) => Promise<void>,
  onError: (error: unknown) => void,
): (thing: Thing) => void {
  let waiting: { readonly thing: Thing } | undefined
  let isAtWork = false

  async function drain(): Promise<void> {
    for (let next = waiting; next !== undefined; next = waiting) {
      waiting = undefined
      try {
        await work(next.thing)
      } catch (error) {
        onError(error)
      }
    }
    isAtWork = false
  }
  return (thing) => {
    waiting = { thing }
    if (isAtWork) return
    isAtWork = true
    void drain()
  }
}

function hashHex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
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

type ResourceProblem = Parameters<Events['resourceProblem']>[0]

/** Reports what has not been reported of the set before. @returns what has been by now */
function report(
  problems: readonly ResourceProblem[],
  before: ReadonlySet<string>,
  events: Events,
): ReadonlySet<string> {
  const told = new Set<string>()
  for (const problem of problems) {
    const text = JSON.stringify(problem)
    if (!before.has(text)) events.resourceProblem(problem)
    told.add(text)
  }
  return told
}

function problemsIn(source: string, { problems, notices }: SourceSnapshot, { statuses }: Catalogue): ResourceProblem[] {
  return [
    ...problems.map(({ file, line, object, path, found, expected }) => {
      return { file: file === '.' ? source : file, line, object, path, problem: `found ${found}, expected ${expected}` }
    }),
    ...notices.map(({ file, line, text }) => ({ file, line, object: undefined, path: '', problem: text })),
    ...statuses.filter((one) => !isHealthy(one)).map(unhealthy),
  ]
}

function unhealthy({ kind, namespace, name, position, conditions }: ObjectStatus): ResourceProblem {
  const problem = conditions
    .filter((condition) => condition.status === 'False')
    .map(({ type, reason, message }) => `${type} is false (${reason})${message === '' ? '' : `: ${message}`}`)
    .join('; ')
  const object = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
  return { file: position?.file, line: position?.line, object, path: '', problem }
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
