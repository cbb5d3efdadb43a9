import { startClusterForm } from './cluster.ts'
import { startOneServer } from './one-server.ts'
import { startSentinelSet } from './sentinel-set.ts'

/** How to start each form of Redis, given further arguments of its servers. */
export const storeForms = {
  'one server': startOneServer,
  Sentinel: startSentinelSet,
  Cluster: startClusterForm,
} as const

export type StoreName = keyof typeof storeForms
