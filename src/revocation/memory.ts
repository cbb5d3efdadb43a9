import type { LogBatch, LogEntry, LogPosition, Recorded, RevocationLog } from './log.ts'
import type { Revocation, RevocationScope } from './revocation.ts'
import { scopeText } from './scope-text.ts'

const SERVER = 'memory'
/** As many entries as a reader may lag behind before it has to read the whole set. */
const STREAM_LENGTH = 1000
const PAGE = 1000
const WAIT_MS = 1000
/** So many records apart, what has expired is looked for. */
const SWEEP_EVERY = 1000

/**
 * Keeps revocations in this process, for a single replica: they end with it, as its sessions do.
 *
 * @param context.now milliseconds since 1970; the log's own clock does not go back when this one does
 */
export function memoryRevocationLog({ now }: { readonly now: () => number }): RevocationLog {
  const set = new Map<string, Revocation>()
  const stream: LogEntry[] = []
  let sequence = 0
  let records = 0
  let clockMs = 0
  let changed = Promise.withResolvers<void>()

  function time(): number {
    clockMs = Math.max(clockMs, Math.floor(now()))
    return clockMs
  }

  function append(entry: LogEntry): void {
    sequence += 1
    stream.push(entry)
    if (stream.length > STREAM_LENGTH) stream.shift()
    changed.resolve()
    changed = Promise.withResolvers()
  }

  /** Of two for one scope, the latest moment and the latest end. */
  function put({ scope, atMs, expiresAtMs }: Revocation): Revocation {
    const text = scopeText(scope)
    const known = set.get(text)
    const revocation = {
      scope,
      atMs: Math.max(atMs, known?.atMs ?? 0),
      expiresAtMs: Math.max(expiresAtMs, known?.expiresAtMs ?? 0),
    }
    if (revocation.atMs === known?.atMs && revocation.expiresAtMs === known.expiresAtMs) return known
    set.set(text, revocation)
    append({ kind: 'revoked', revocation })
    return revocation
  }

  function sweep(): void {
    records += 1
    if (records % SWEEP_EVERY !== 0) return
    for (const [text, { expiresAtMs }] of set) if (expiresAtMs <= clockMs) set.delete(text)
  }

  function batch(after: number): LogBatch {
    return {
      entries: stream.slice(stream.length - (sequence - after)),
      position: { server: SERVER, cursor: String(sequence), sequence },
      isAuthoritative: true,
      clockMs: time(),
      timeMs: now(),
    }
  }

  const isGap = ({ server, sequence: read }: LogPosition) =>
    server !== SERVER || read > sequence || sequence - read > stream.length

  async function record(scope: RevocationScope, lifeMs: number): Promise<Recorded> {
    const atMs = time()
    const revocation = put({ scope, atMs, expiresAtMs: atMs + lifeMs })
    sweep()
    return { revocation, status: 'accepted', holders: 0, wanted: 0 }
  }

  return {
    record,
    async announce(sid) {
      append({ kind: 'session-changed', sid })
    },
    end: async () => ({ ...batch(sequence), entries: [] }),
    async read(after, signal) {
      if (!isGap(after) && after.sequence === sequence) await changeOrTime(changed.promise, signal)
      signal.throwIfAborted()
      return isGap(after) ? 'gap' : batch(after.sequence)
    },
    async *load() {
      const all = [...set.values()]
      for (let start = 0; start < all.length; start += PAGE) yield all.slice(start, start + PAGE)
    },
    async restore(revocations) {
      for (const revocation of revocations) {
        if (revocation.expiresAtMs <= time()) continue
        clockMs = Math.max(clockMs, revocation.atMs)
        put(revocation)
      }
    },
  }
}

/** Resolves when there is something new, after the longest wait, or when the signal fires. */
function changeOrTime(change: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, WAIT_MS)
    signal.addEventListener('abort', done, { once: true })
    change.then(done)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
