import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import { replyCode, UnreadableKeyError } from '../redis/failure.ts'
import type { LinkCommands, RedisLink } from '../redis/link.ts'
import { runScript, type Script } from '../redis/script.ts'
import { createAcknowledgement } from './acknowledgement.ts'
import { createExpectedReplicas } from './expected-replicas.ts'
import type { LogBatch, LogPosition, Recorded, RevocationLog } from './log.ts'
import {
  type Look,
  latestMoment,
  type NumberedEntry,
  readForeign,
  readLook,
  readPage,
  readWritten,
} from './redis-replies.ts'
import { announceScript, lookScript, pageScript, recordScript, restoreScript } from './redis-scripts.ts'
import type { Revocation, RevocationScope } from './revocation.ts'
import { scopeText } from './scope-text.ts'
import type { StoreClock } from './store-clock.ts'

export interface RedisRevocationLogContext {
  /** For what is written. */
  readonly scripts: RedisLink
  /** For what is read: it is kept waiting all the time. */
  readonly tail: RedisLink
  readonly keyPrefix: string
  /** How many replicas have to hold a revocation for it to be accepted; undefined: one, where there are any. */
  readonly replicasToAcknowledge: number | undefined
  readonly clock: Pick<StoreClock, 'lowerBound'>
  /** Milliseconds since 1970: what has expired by this clock and by the server's is dropped. */
  readonly now: () => number
  /** Milliseconds; only differences count. */
  readonly monotonicMs: () => number
  /** A text that has never been before, of letters and digits. */
  readonly newName: () => string
  readonly events: Pick<Events, 'storeRecordUnreadable'>
}

/** Where revocations lie: one slot of a Cluster. */
export function revocationKey(keyPrefix: string, part: 'set' | 'stream' | 'state' | 'clock'): string {
  return `${keyPrefix}{revocation}:${part}`
}

const ENTRIES_AT_ONCE = 1000
const PAGE = 1000
const BLOCK_MS = 1000
const WRITE_TIMEOUT_MS = 3000
const READ_TIMEOUT_MS = 3000
const LOOK_TIMEOUT_MS = BLOCK_MS + READ_TIMEOUT_MS

/** Keeps revocations in Redis: see `redis-scripts.ts` for what lies there. */
export function redisRevocationLog(context: RedisRevocationLogContext): RevocationLog {
  const { scripts, tail, keyPrefix, replicasToAcknowledge, clock, now, monotonicMs, newName, events } = context
  const acknowledgement = createAcknowledgement(scripts)
  const streamKey = revocationKey(keyPrefix, 'stream')
  const keys = [revocationKey(keyPrefix, 'set'), streamKey]
  keys.push(revocationKey(keyPrefix, 'state'), revocationKey(keyPrefix, 'clock'))
  const replicas = createExpectedReplicas({ monotonicMs, configured: replicasToAcknowledge })
  /** The latest moment of all revocations that have been read. The store's clock may have lost it. */
  let usedMs = 0
  /** The latest that can be one, as of the last look. */
  let latestMs = Number.POSITIVE_INFINITY

  function run(commands: LinkCommands, which: Script, args: readonly (string | number)[]): Promise<unknown> {
    const usedAtLeastMs = Math.max(clock.lowerBound(), usedMs)
    return runScript(commands, which, keys, [usedAtLeastMs, newName(), Math.floor(now()), ...args])
  }

  /** What is issued from now on is issued after it, so that it locks nobody out whoever wrote it. */
  function used({ atMs }: Revocation): void {
    usedMs = Math.max(usedMs, atMs)
  }

  function reportForeign(count: number): void {
    if (count > 0) events.storeRecordUnreadable({ kind: 'revocation', problem: 'key-of-another-type' })
  }

  function reportUnreadable(count: number): void {
    for (let index = 0; index < count; index += 1) {
      events.storeRecordUnreadable({ kind: 'revocation', problem: 'shape' })
    }
  }

  async function record(scope: RevocationScope, lifeMs: number): Promise<Recorded> {
    const args = [scopeText(scope), Math.ceil(lifeMs)]
    const { reply, connection } = await scripts.run('revocation-record', WRITE_TIMEOUT_MS, async (commands) => {
      // Before it is sent: by the time of its answer the link may be another.
      const sentOn = scripts.connectionId()
      return { reply: await run(commands, recordScript, args), connection: sentOn }
    })
    const written = readWritten(reply)
    reportForeign(written.foreignKeys)
    const wanted = replicas.expected(written.server, written.replicas)
    const holders = wanted === 0 ? 0 : await holdersOf(wanted, connection)
    const isSafe = holders >= wanted && scripts.isAuthoritative()
    const revocation = { scope, atMs: written.atMs, expiresAtMs: written.expiresAtMs }
    return { revocation, status: isSafe ? 'accepted' : 'pending', holders, wanted }
  }

  async function holdersOf(wanted: number, connection: number): Promise<number> {
    try {
      return await acknowledgement.holders(wanted, connection)
    } catch (error) {
      // The master has said that it has it; who else does is not known.
      if (error instanceof StoreUnavailableError) return 0
      throw error
    }
  }

  async function write(operation: string, which: Script, args: readonly (string | number)[]): Promise<void> {
    reportForeign(readForeign(await scripts.run(operation, WRITE_TIMEOUT_MS, (commands) => run(commands, which, args))))
  }

  /** @param cursor undefined: of the end alone */
  async function look(cursor: string | undefined): Promise<Look & Pick<LogBatch, 'vouchedAtMs'>> {
    const { reply, vouchedAtMs } = await tail.run('revocation-read', LOOK_TIMEOUT_MS, async (commands) => {
      const woken = cursor === undefined ? undefined : waitForEntry(commands, streamKey, cursor)
      const [answer] = await Promise.all([run(commands, lookScript, [cursor ?? '', ENTRIES_AT_ONCE]), woken])
      return { reply: answer, vouchedAtMs: tail.vouchedAtMs() }
    })
    const found = readLook(reply)
    latestMs = latestMoment(found.timeMs)
    reportForeign(found.foreignKeys)
    if (found.isMaster) replicas.seen(found.server, found.replicas)
    return { ...found, isMaster: found.isMaster && vouchedAtMs !== undefined, vouchedAtMs }
  }

  async function read(after: LogPosition, signal: AbortSignal): Promise<LogBatch | 'gap'> {
    signal.throwIfAborted()
    const found = await unlessAborted(look(after.cursor), signal)
    const { entries } = found
    if (found.server !== after.server || !followsOn(entries, after.sequence)) return 'gap'
    const sequence = after.sequence + entries.length
    const isEnd = sequence === found.count
    if (!isEnd && entries.length < ENTRIES_AT_ONCE) return 'gap'
    const readable = entries.flatMap(({ entry }) => (entry === undefined ? [] : [entry]))
    reportUnreadable(entries.length - readable.length)
    for (const entry of readable) if (entry.kind === 'revoked') used(entry.revocation)
    return {
      entries: readable,
      position: { server: found.server, cursor: entries.at(-1)?.id ?? after.cursor, sequence },
      isAuthoritative: found.isMaster && isEnd,
      vouchedAtMs: found.vouchedAtMs,
      clockMs: found.clockMs,
      timeMs: found.timeMs,
    }
  }

  async function loadPage(cursor: string): Promise<unknown> {
    try {
      return await tail.run('revocation-load', READ_TIMEOUT_MS, (commands) => run(commands, pageScript, [cursor, PAGE]))
    } catch (error) {
      // Of another type since the look that came before; the next look mends it.
      if (error instanceof UnreadableKeyError) throw otherData()
      throw error
    }
  }

  async function* load(at: LogPosition): AsyncGenerator<readonly Revocation[]> {
    let cursor = '0'
    do {
      const reply = await loadPage(cursor)
      const page = readPage(reply, latestMs)
      if (page.server !== at.server) throw otherData()
      reportUnreadable(page.unreadable)
      for (const revocation of page.revocations) used(revocation)
      yield page.revocations
      cursor = page.cursor
    } while (cursor !== '0')
  }

  return {
    record,
    announce: (sid) => write('revocation-announce', announceScript, [sid]),
    async end() {
      const { server, last, count, isMaster, vouchedAtMs, clockMs, timeMs } = await look(undefined)
      const position = { server, cursor: last, sequence: count }
      return { entries: [], position, isAuthoritative: isMaster, vouchedAtMs, clockMs, timeMs }
    },
    read,
    load,
    async restore(revocations) {
      const args = revocations.flatMap(({ scope, atMs, expiresAtMs }) => [scopeText(scope), atMs, expiresAtMs])
      await write('revocation-restore', restoreScript, args)
    },
  }
}

function otherData(): StoreUnavailableError {
  return new StoreUnavailableError('revocation-load: other data than it began with')
}

/** Keeps the connection waiting until there is an entry behind the cursor; what is there, the script behind it says. */
async function waitForEntry(commands: LinkCommands, key: string, cursor: string): Promise<void> {
  try {
    await commands.xread('COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', key, cursor)
  } catch (error) {
    // Mended by the script.
    if (replyCode(error) !== 'WRONGTYPE') throw error
  }
}

function followsOn(entries: readonly NumberedEntry[], sequence: number): boolean {
  return entries.every(({ number }, index) => number === sequence + 1 + index)
}

/** What has been sent cannot be called back; its answer is no longer waited for. */
function unlessAborted<Result>(answer: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
