import type { ViolationKind } from '../../../faults/check-history.ts'
import type { RefreshProblem } from '../../../faults/simulation/refresh-watch.ts'
import type { Spoiling } from '../../../faults/simulation/replica.ts'
import { StoreUnavailableError } from '../../../src/policy/errors.ts'
import type { LogBatch, LogPosition, RevocationLog } from '../../../src/revocation/log.ts'
import type { Session, StoredSession } from '../../../src/sessions/session.ts'

interface Mistake {
  readonly title: string
  readonly spoiling: Spoiling
  /** What it leads to, among other things. */
  readonly finds: (ViolationKind | RefreshProblem)[]
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
  {
    title: 'refreshes without a lock',
    finds: ['refreshed-twice-at-once'],
    spoiling: {
      refresh: (ports) => ({
        ...ports,
        locks: {
          acquire: async (sid) =>
            (await ports.locks.acquire(sid)) ?? { isHeld: () => true, release: async () => undefined },
        },
      }),
    },
  },
  {
    title: 'does not read a session again under the lock',
    finds: ['refresh-ended-session'],
    spoiling: {
      refresh: (ports) => {
        const before = new Map<string, ReturnType<typeof ports.store.find>>()
        const find = (sid: string) => {
          const first = before.get(sid) ?? ports.store.find(sid)
          before.set(sid, first)
          return first
        }
        return { ...ports, store: { ...ports.store, find } }
      },
    },
  },
  {
    title: 'writes a new refresh token only when all else is known',
    finds: ['refresh-ended-session', 'refresh-token-lost'],
    spoiling: {
      refresh: (ports) => ({
        ...ports,
        refresh: (name, renewal) => ports.refresh(name, { ...renewal, keep: async () => undefined }),
      }),
    },
  },
  {
    title: 'gives the lock back before the new refresh token is written',
    finds: ['refresh-ended-session', 'refresh-token-lost', 'refreshed-twice-at-once'],
    spoiling: {
      refresh: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          async update(session) {
            ports.later(4000, () => void ports.store.update(session).catch(() => undefined))
            return true
          },
        },
      }),
    },
  },
  {
    title: 'takes a provider that is down for one that refuses',
    finds: ['refresh-ended-session'],
    spoiling: {
      refresh: (ports) => ({
        ...ports,
        refresh: (name, renewal) => ports.refresh(name, renewal)?.catch(() => ({ kind: 'gone' }) as const),
      }),
    },
  },
  {
    title: 'goes on when the provider refuses',
    finds: ['refused-session-goes-on'],
    spoiling: {
      refresh: (ports) => ({
        ...ports,
        refresh: async (name, renewal) => {
          const refreshed = await ports.refresh(name, renewal)
          if (refreshed?.kind === 'renewed') return refreshed
          throw new StoreUnavailableError('taken for an outage')
        },
      }),
    },
  },
  {
    title: 'writes a refreshed session although its record has been removed',
    finds: ['session-brought-back'],
    spoiling: {
      refresh(ports, { save }) {
        const known = new Map<string, StoredSession>()
        const store = {
          ...ports.store,
          async find(sid: string) {
            const found = (await ports.store.find(sid)) ?? known.get(sid)
            if (found !== undefined) known.set(sid, found)
            return found
          },
          update: (session: Session) => save(session).then(() => true),
        }
        return { ...ports, store, isRevoked: () => false }
      },
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
