import { randomBytes } from 'node:crypto'
import type { Config } from './config/schema.ts'
import type { Events } from './observe/events.ts'
import { watchDirectory } from './resources/directory.ts'
import { configuredClaims } from './resources/host-owners.ts'
import { type ServedResources, serveResources } from './served-resources.ts'
import type { Supply, SupplyPorts } from './supply.ts'
import { keySetFromFile, parseKeySet } from './tokens/file.ts'
import { type KeyRing, keyRing } from './tokens/key-ring.ts'
import type { KeySet } from './tokens/key-set.ts'

/** Resources from a directory, keys from a file. Rejects with `KeyFileError` if the keys cannot be had. */
export async function supplyFromFiles(config: Config, ports: SupplyPorts): Promise<Supply> {
  const ring = await fileKeyRing(config, ports.events)
  const served = await serveDirectory(config, ports)
  return {
    policySet: served.policySet,
    keyRing: () => ring,
    whenKeys: async () => undefined,
    obstacles: () => (served.policySet() === undefined ? ['resources-not-loaded'] : []),
    close: served.close,
  }
}

/** The keys that the configuration holds or names the file of. */
export async function fileKeyRing(config: Config, events: Events): Promise<KeyRing> {
  return keyRing(await keySet(config, events))
}

/** Serves the directory that the configuration names. Resolves when it has been read once. */
export async function serveDirectory(config: Config, ports: SupplyPorts): Promise<ServedResources> {
  if (config.resources.type !== 'Directory') throw new TypeError('the resources are not in a directory')
  const { directory, secretsDirectory, pollIntervalMs } = config.resources
  const source = await watchDirectory({ directory, secretsDirectory, pollIntervalMs }, (error) =>
    ports.events.internalError({ where: 'resources', error }),
  )
  const claims = configuredClaims(config.hostClaims)
  return serveResources({
    ...ports,
    source,
    name: directory,
    objectsFrom: 'Files',
    hostClaims: () => claims,
    systemNamespace: config.namespace,
    allowHttpLocalhost: config.development,
  })
}

async function keySet({ keys, tokens }: Config, events: Events): Promise<KeySet> {
  if (keys.type === 'Set') return parseKeySet(keys.set, 'keys.set')
  if (keys.type === 'KubernetesSecret') throw new TypeError('the keys are not in a file')
  const { file, create } = keys
  return keySetFromFile(file, { create, algorithm: tokens.algorithm, events, now: Date.now, randomBytes })
}
