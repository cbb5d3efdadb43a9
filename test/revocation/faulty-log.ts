import { setImmediate as turn } from 'node:timers/promises'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { LogBatch, LogEntry, Recorded, RevocationLog } from '../../src/revocation/log.ts'
import type { Revocation } from '../../src/revocation/revocation.ts'
import { scopeText } from '../../src/revocation/scope-text.ts'

/** A revocation in the set, and since when it has been there. */
export interface Stamped {
  readonly revocation: Revocation
  readonly since: number
}

/** A log in memory to which anything may happen that happens to a server. */
export interface FaultyLog extends RevocationLog {
  readonly set: ReadonlyMap<string, Stamped>
  readonly calls: readonly string[]
  /** Throws away the oldest entries of the stream, but for so many. */
  trim(left: number): void
  /** Loses all data. */
  flush(): void
  /** Remembers the data; `rollback` starts another server with it. */
  snapshot(): void
  rollback(): void
  /** Another server with the same data takes over. */
  takeover(): void
  setDown(isDown: boolean): void
  setMaster(isMaster: boolean): void
}

interface Data {
  set: Map<string, Stamped>
  stream: { number: number; entry: LogEntry }[]
  count: number
}

const MOST_AT_ONCE = 3
const PAGE = 2

/** @param context.tick strictly rising with each call */
export function faultyLog({ now, tick }: { now: () => number; tick: () => number }): FaultyLog {
  let names = 0
  let server = 'server-0'
  let data: Data = { set: new Map(), stream: [], count: 0 }
  let kept: Data = copyOf(data)
  let clockMs = 0
  let isDown = false
  let isMaster = true
  const calls: string[] = []

  function copyOf({ set, stream, count }: Data): Data {
    return { set: new Map(set), stream: [...stream], count }
  }

  async function called(name: string): Promise<void> {
    calls.push(name)
    await turn()
    if (isDown) throw new StoreUnavailableError(`${name}: down`)
  }

  function rename(): void {
    names += 1
    server = `server-${names}`
  }

  function append(entry: LogEntry): void {
    data.count += 1
    data.stream.push({ number: data.count, entry })
  }

  function put({ scope, atMs, expiresAtMs }: Revocation): Revocation {
    const text = scopeText(scope)
    const known = data.set.get(text)?.revocation
    const revocation = {
      scope,
      atMs: Math.max(atMs, known?.atMs ?? 0),
      expiresAtMs: Math.max(expiresAtMs, known?.expiresAtMs ?? 0),
    }
    if (known?.atMs === revocation.atMs && known.expiresAtMs === revocation.expiresAtMs) return known
    data.set.set(text, { revocation, since: tick() })
    append({ kind: 'revoked', revocation })
    return revocation
  }

  function assertMaster(name: string): void {
    if (!isMaster) throw new StoreUnavailableError(`${name}: read-only`)
  }

  function batch(sequence: number, entries: LogEntry[]): LogBatch {
    clockMs = Math.max(clockMs, now())
    const isAuthoritative = isMaster && sequence === data.count
    return { entries, position: { server, cursor: `${sequence}`, sequence }, isAuthoritative, clockMs, timeMs: now() }
  }

  return {
    get set() {
      return data.set
    },
    calls,
    async record(scope, lifeMs): Promise<Recorded> {
      await called('record')
      assertMaster('record')
      clockMs = Math.max(clockMs, now())
      const revocation = put({ scope, atMs: clockMs, expiresAtMs: clockMs + lifeMs })
      return { revocation, status: 'accepted', holders: 0, wanted: 0 }
    },
    async announce(sid) {
      await called('announce')
      assertMaster('announce')
      append({ kind: 'session-changed', sid })
    },
    async end() {
      await called('end')
      return batch(data.count, [])
    },
    async read(after, signal) {
      await called('read')
      signal.throwIfAborted()
      const entries = data.stream.filter(({ number }) => number > after.sequence).slice(0, MOST_AT_ONCE)
      const isContinuous = entries.every(({ number }, index) => number === after.sequence + 1 + index)
      const isMissing = entries.length === 0 && after.sequence !== data.count
      if (after.server !== server || !isContinuous || isMissing) return 'gap'
      return batch(
        after.sequence + entries.length,
        entries.map(({ entry }) => entry),
      )
    },
    async *load(at) {
      const texts = [...data.set.keys()]
      for (let start = 0; start <= texts.length; start += PAGE) {
        await called('load')
        if (at.server !== server) throw new StoreUnavailableError('load: other data')
        yield texts.slice(start, start + PAGE).flatMap((text) => data.set.get(text)?.revocation ?? [])
      }
    },
    async restore(revocations) {
      await called('restore')
      assertMaster('restore')
      for (const revocation of revocations) {
        clockMs = Math.max(clockMs, revocation.atMs)
        put(revocation)
      }
    },
    trim(left) {
      data.stream.splice(0, Math.max(0, data.stream.length - left))
    },
    flush() {
      data = { set: new Map(), stream: [], count: 0 }
      rename()
    },
    snapshot() {
      kept = copyOf(data)
    },
    rollback() {
      data = copyOf(kept)
      const since = tick()
      for (const [text, { revocation }] of data.set) data.set.set(text, { revocation, since })
      rename()
    },
    takeover: rename,
    setDown(value) {
      isDown = value
    },
    setMaster(value) {
      isMaster = value
    },
  }
}
