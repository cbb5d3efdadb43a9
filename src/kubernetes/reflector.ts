import { setTimeout as pause } from 'node:timers/promises'
import type { ApiResource } from './api-resource.ts'
import type { KubeClient } from './client.ts'
import { interruptionBy, ShortWatchError } from './interruption.ts'
import { listAll, type Selection, selectorsOf } from './kube-list.ts'
import type { KubeObject } from './kube-object.ts'
import { resourcePath } from './paths.ts'
import { reflectedSet } from './reflected-set.ts'
import { absencePauseMs, retryPauseMs } from './retry-pause.ts'
import { readWatchEvent } from './watch-event.ts'
import { type WatchEvents, watchHealth } from './watch-health.ts'

/** A copy of all objects of a kind, kept equal to the API server's. */
export interface Reflection extends AsyncDisposable {
  readonly resource: ApiResource
  /** By `keyOf`. It changes as time goes: copy what must not. */
  items(): ReadonlyMap<string, KubeObject>
  /** Whether the first whole list is there. A kind that is not served counts as there, and empty. */
  isSynced(): boolean
  /** Milliseconds since the set was last known to be the server's, by a list, an event or a bookmark; until then, since the start. */
  ageMs(): number
  /** What keeps it from being current, for people. */
  trouble(): string | undefined
  /**
   * Calls the listener after each change, and when the first list is there.
   *
   * @returns a function that ends that
   */
  onChange(listener: () => void): () => void
}

/** How long things may take, in milliseconds. */
export interface ReflectorTimings {
  /** A watch that says nothing for so long is begun anew. */
  readonly silenceMs: number
  /** After so long, at most, everything is listed again, whatever the watch said. */
  readonly relistMs: number
}

export interface ReflectorOptions extends Omit<Selection, 'resource'> {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
  readonly events: WatchEvents
  readonly timings?: Partial<ReflectorTimings> | undefined
}

const TIMINGS: ReflectorTimings = { silenceMs: 30_000, relistMs: 600_000 }
/** A watch that has held for so long works, even if it has had nothing to say. */
const SETTLED_MS = 1_000
const SHORTEST_WATCH_MS = 500
const OPEN_TIMEOUT_MS = 5_000
const GARBLED_TO_RELIST = 2
/** Where watches keep failing, listing is what is left; all of a kind, so not at every attempt. */
const FAILURES_TO_RELIST = 4
const UNWATCHED_RELIST_MS = 5_000

/**
 * Lists the objects of a kind, and watches them from there for ever. Whatever goes wrong, the last set stays until a newer
 * one is whole, and the server is asked again within seconds; nothing is thrown.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function reflect(client: KubeClient, resource: ApiResource, options: ReflectorOptions): Reflection {
  const { now, random, events, trim = (object) => object } = options
  const timings = { ...TIMINGS, ...options.timings }
  const selection: Selection = { ...options, resource }
  const path = resourcePath(resource, options.namespace)
  const set = reflectedSet()
  const health = watchHealth(resource.kind, { now, events })
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  /** Where to go on watching from; undefined: a list is due. */
  let version: string | undefined
  let isSynced = false
  let isQuiet = true
  let listedAt = 0
  let relistAt = 0
  let absences = 0

  function changed(): void {
    for (const listener of [...listeners]) {
      try {
        listener()
      } catch (error) {
        events.internalError({ where: 'watch', error })
      }
    }
  }

  function replace(objects: ReadonlyMap<string, KubeObject>, at: number): void {
    const isFirst = !isSynced
    isSynced = true
    health.proven(at)
    if (set.replace(objects) || isFirst) changed()
  }

  async function list(): Promise<void> {
    const startedAt = now()
    // Said beforehand: where only listing fails, the watch goes on from where it was.
    relistAt = startedAt + timings.relistMs * (0.8 + random() / 5)
    const { objects, resourceVersion } = await listAll(client, selection, closing.signal)
    version = resourceVersion
    absences = 0
    listedAt = startedAt
    replace(objects, startedAt)
  }

  /** Watches until the server ends it. */
  async function watch(from: string): Promise<void> {
    const openedAt = now()
    let hasEvents = false
    let isProgress = false
    let settling: NodeJS.Timeout | undefined
    try {
      for await (const line of client.lines({
        path,
        query: watchQuery(from),
        timeoutMs: OPEN_TIMEOUT_MS,
        idleTimeoutMs: timings.silenceMs,
        signal: closing.signal,
        onOpen() {
          settling = setTimeout(health.recovered, SETTLED_MS)
        },
      })) {
        const event = readWatchEvent(`GET ${path} (watch)`, line)
        isProgress ||= event.version !== version
        version = event.version
        health.proven(now())
        health.recovered()
        if (event.type === 'bookmark') continue
        hasEvents = true
        if (event.type === 'put' ? set.put(trim(event.object)) : set.remove(event.object)) changed()
      }
    } finally {
      clearTimeout(settling)
      isQuiet = !hasEvents
    }
    const isShort = now() - openedAt < SHORTEST_WATCH_MS
    if (isShort && !isProgress) throw new ShortWatchError(`GET ${path} (watch): it ended as soon as it began`)
    // An end that the server has said is as good a proof as a bookmark.
    if (!isShort) health.proven(now())
  }

  /**
   * A watch that the server ends has missed nothing, and shortly before there is a bookmark where the version has risen. So
   * where nothing happens, watches are asked to end before the silence would look like a connection that is dead.
   */
  function watchQuery(resourceVersion: string): Record<string, string> {
    const longest = isQuiet ? (timings.silenceMs / 1000) * (0.7 + random() / 6) : 240 + random() * 240
    const seconds = Math.min(longest, (relistAt - now()) / 1000 + 1)
    return {
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion,
      timeoutSeconds: String(Math.max(1, Math.floor(seconds))),
      ...selectorsOf(selection),
    }
  }

  /** @returns how long to wait before going on, in milliseconds */
  function interrupted(error: unknown): number {
    const interruption = interruptionBy(error)
    const { reason, retryAfterMs } = interruption
    if (reason === 'internal') events.internalError({ where: 'watch', error })
    const wasListing = version === undefined
    if (reason === 'absent' && resource.isOptional && wasListing) {
      replace(new Map(), now())
      health.recovered()
      return absencePauseMs(absences++, random())
    }
    const pauseMs = retryPauseMs(health.failures(), random(), retryAfterMs)
    health.interrupted(interruption)
    if (health.failures() >= FAILURES_TO_RELIST) relistAt = Math.min(relistAt, listedAt + UNWATCHED_RELIST_MS)
    const isWorthless = reason === 'garbled' && health.failures() >= GARBLED_TO_RELIST
    if (reason === 'expired' || reason === 'absent' || reason === 'internal' || isWorthless) version = undefined
    return pauseMs
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        if (version === undefined || now() >= relistAt) await list()
        if (version !== undefined) await watch(version)
      } catch (error) {
        if (closing.signal.aborted) return
        await pause(interrupted(error), undefined, { signal: closing.signal }).catch(() => undefined)
      }
    }
  }

  const running = run().catch((error) => events.internalError({ where: 'watch', error }))
  return {
    resource,
    items: set.items,
    isSynced: () => isSynced,
    ageMs: health.ageMs,
    trouble: health.trouble,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async [Symbol.asyncDispose]() {
      listeners.clear()
      closing.abort()
      await running
    },
  }
}
