import type { ViolationKind } from '../../../faults/check-history.ts'
import type { Spoiling } from '../../../faults/simulation/replica.ts'
import { StoreUnavailableError } from '../../../src/policy/errors.ts'
import type { LogBatch, LogPosition, RevocationLog } from '../../../src/revocation/log.ts'

interface Mistake {
  readonly title: string
  readonly spoiling: Spoiling
  /** What it leads to, among other things. */
  readonly finds: ViolationKind[]
}

const letsIn: ViolationKind[] = ['allowed-after-revocation', 'revocation-forgotten']

/** Mistakes that one could make, each of which breaks a promise in some circumstances. */
export const mistakes: readonly Mistake[] = [
  {
    title: 'believes whatever server answers',
    finds: letsIn,
    spoiling: { log: (log) => withBatches(log, (batch) => ({ ...batch, isAuthoritative: true })) },
  },
  {
    title: 'gives nothing back to a store that has lost it',
    finds: letsIn,
    spoiling: { log: (log) => ({ ...log, restore: async () => undefined }) },
  },
  {
    title: 'goes on reading at the end of the stream when it has missed something',
    finds: letsIn,
    spoiling: {
      log: (log) => ({
        ...log,
        async read(after, signal) {
          const batch = await log.read(after, signal)
          return batch === 'gap' ? log.end() : batch
        },
      }),
    },
  },
  {
    title: 'takes the end of the stream after it has read the set',
    finds: letsIn,
    spoiling: {
      log: (log) => {
        let end: { position: { -readonly [Field in keyof LogPosition]: LogPosition[Field] } } | undefined
        return {
          ...log,
          async end() {
            const batch = await log.end()
            end = { position: { ...batch.position } }
            return { ...batch, position: end.position }
          },
          async *load(at) {
            yield* log.load(at)
            if (end !== undefined) Object.assign(end.position, (await log.end()).position)
          },
        }
      },
    },
  },
  {
    title: 'reads no set at the start',
    finds: letsIn,
    spoiling: { log: (log) => ({ ...log, async *load() {} }) },
  },
  {
    title: 'takes no answer for no news',
    finds: letsIn,
    spoiling: {
      log: (log, process) => {
        let last: LogBatch | undefined
        return {
          ...log,
          async read(after, signal) {
            try {
              const batch = await log.read(after, signal)
              if (batch !== 'gap') last = { ...batch, entries: [] }
              return batch
            } catch (error) {
              if (last === undefined || !(error instanceof StoreUnavailableError)) throw error
              await process.sleep(100, signal)
              return { ...last, position: after }
            }
          },
        }
      },
    },
  },
  {
    title: 'says that a revocation is accepted when the master alone has it',
    finds: letsIn,
    spoiling: {
      log: (log) => ({ ...log, record: async (...what) => ({ ...(await log.record(...what)), status: 'accepted' }) }),
    },
  },
  {
    title: 'loses an entry of the stream now and then',
    finds: letsIn,
    spoiling: {
      log: (log) => {
        let count = 0
        return withBatches(log, (batch) => ({ ...batch, entries: batch.entries.filter(() => ++count % 5 !== 0) }))
      },
    },
  },
  {
    title: 'issues by the clock of its own machine',
    finds: [...letsIn, 'login-forced', 'unproven'],
    spoiling: { clock: (clock, wall) => ({ ...clock, issueTime: wall, lowerBound: wall }) },
  },
  {
    title: 'takes a store that gives no answer for one that has no such session',
    finds: ['login-forced'],
    spoiling: {
      sessions: (sessions) => ({ ...sessions, find: (sid) => sessions.find(sid).catch(() => undefined) }),
    },
  },
]

function withBatches(log: RevocationLog, change: (batch: LogBatch) => LogBatch): RevocationLog {
  return {
    ...log,
    end: async () => change(await log.end()),
    async read(after, signal) {
      const batch = await log.read(after, signal)
      return batch === 'gap' ? batch : change(batch)
    },
  }
}
