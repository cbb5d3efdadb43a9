import { calmSentinel } from './calm.ts'
import { clockAhead, clockBack } from './clock-jump.ts'
import { clusterMigration } from './cluster-migration.ts'
import { logoutRace } from './logout-race.ts'
import { oneTimeRace } from './one-time-race.ts'
import { providerDown, providerLies, providerSlow } from './provider.ts'
import { redisFlush } from './redis-flush.ts'
import { redisKill } from './redis-kill.ts'
import { redisLatency } from './redis-latency.ts'
import { redisLoading } from './redis-loading.ts'
import { redisMute } from './redis-mute.ts'
import { redisOom } from './redis-oom.ts'
import { redisPassword } from './redis-password.ts'
import { redisLongPause, redisPause } from './redis-pause.ts'
import { redisReadonly } from './redis-readonly.ts'
import { redisReset } from './redis-reset.ts'
import { redisSleep } from './redis-sleep.ts'
import { redisSnapshot } from './redis-snapshot.ts'
import { refreshRace } from './refresh-race.ts'
import { replicaKill } from './replica-kill.ts'
import { replicaPause } from './replica-pause.ts'
import type { Scenario } from './scenario.ts'
import { clusterFailover, sentinelFailover } from './sentinel-failover.ts'
import { clusterKill, sentinelKill } from './sentinel-kill.ts'
import { sentinelMinority } from './sentinel-minority.ts'
import { clusterPartition, sentinelPartition } from './sentinel-partition.ts'
import { clusterPause, sentinelLongPause, sentinelPause } from './sentinel-pause.ts'

/** Every scenario, in the order of the table; those that can share a scene follow each other. */
export const scenarios: readonly Scenario[] = [
  redisKill,
  redisPause,
  redisLongPause,
  redisSleep,
  redisLatency,
  redisMute,
  redisReset,
  redisReadonly,
  redisLoading,
  redisOom,
  redisPassword,
  redisFlush,
  redisSnapshot,
  replicaKill,
  replicaPause,
  clockAhead,
  clockBack,
  providerSlow,
  providerLies,
  providerDown,
  oneTimeRace,
  logoutRace,
  refreshRace,
  calmSentinel,
  sentinelKill,
  sentinelPause,
  sentinelLongPause,
  sentinelFailover,
  sentinelPartition,
  sentinelMinority,
  clusterKill,
  clusterPause,
  clusterFailover,
  clusterPartition,
  clusterMigration,
]
