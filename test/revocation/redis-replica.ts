import type { RedisSettings } from '../../src/redis/settings.ts'
import { followRevocations } from '../../src/revocation/follow.ts'
import type { RevocationLog } from '../../src/revocation/log.ts'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import { createRevoker, type Revoker } from '../../src/revocation/revoker.ts'
import { createStoreClock, type StoreClock } from '../../src/revocation/store-clock.ts'
import type { FollowedView } from '../../src/revocation/view.ts'
import type { DoubtedLink } from './doubted-link.ts'
import { type RecordedRevocationEvents, recordedRevocationEvents } from './recorded.ts'
import { redisLog } from './redis-world.ts'

/** What one replica of Gatehouse has of revocation, on a real Redis. */
export interface RedisReplica extends AsyncDisposable {
  readonly log: RevocationLog
  readonly scripts: DoubtedLink
  readonly tail: DoubtedLink
  readonly events: RecordedRevocationEvents
  readonly view: FollowedView
  readonly clock: StoreClock
  readonly revoker: Revoker
  /** What the hooks were told, in order. */
  readonly told: readonly string[]
  synced(): Promise<void>
}

export async function redisReplica(
  at: number | RedisSettings,
  options: { readonly replicasToAcknowledge?: number; readonly maxStalenessMs?: number } = {},
): Promise<RedisReplica> {
  await using opening = new AsyncDisposableStack()
  const events = recordedRevocationEvents()
  const monotonicMs = () => performance.now()
  const wall = () => Date.now()
  const clock = createStoreClock({ wall, monotonicMs, events })
  const { lowerBound } = clock
  const replicasToAcknowledge = options.replicasToAcknowledge
  const { log, scripts, tail } = opening.use(await redisLog({ at, replicasToAcknowledge, lowerBound, events }))
  const view = createRevocationView({
    monotonicMs,
    now: clock.atLeast,
    maxStalenessMs: options.maxStalenessMs ?? 30_000,
  })
  const told: string[] = []
  const follower = opening.use(
    followRevocations({
      log,
      view,
      clock,
      events,
      monotonicMs,
      random: Math.random,
      onGap: () => told.push('gap'),
      onSessionChanged: (sid) => told.push(`changed ${sid}`),
      onRevoked: ({ scope }) => told.push(`revoked ${scope.kind}`),
    }),
  )
  const onSessionChanged = (sid: string) => void told.push(`own change ${sid}`)
  const revoker = createRevoker({ log, view, events, now: clock.now, onSessionChanged })
  const opened = opening.move()
  return {
    log,
    scripts,
    tail,
    events,
    view,
    clock,
    revoker,
    told,
    synced: () => follower.whenSynced(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
