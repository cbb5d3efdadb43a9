import { randomBytes } from 'node:crypto'
import type { Config } from './config/schema.ts'
import type { Events } from './observe/events.ts'
import { watchDirectory } from './resources/directory.ts'
import { configuredClaims } from './resources/host-owners.ts'
import { type ServedResources, serveResources } from './served-resources.ts'
import type { Supply, SupplyPorts } from './supply.ts'
import { keySetFromFile, parseKeySet } from './tokens/file.ts'
import { type FollowedFile, followKeyFile } from './tokens/followed-file.ts'
import { keyRing } from './tokens/key-ring.ts'
import { standardRotation } from './tokens/standard-rotation.ts'

/** How often the key file is looked at. */
const KEY_POLL_MS = 5000

/** Resources from a directory, keys from a file. Rejects with `KeyFileError` if the keys cannot be had. */
export async function supplyFromFiles(config: Config, ports: SupplyPorts): Promise<Supply> {
  const keys = await keysFromConfig(config, ports.events)
  const served = await serveDirectory(config, ports)
  return {
    policySet: served.policySet,
    keyRing: keys.ring,
    whenKeys: async () => undefined,
    obstacles: () => (served.policySet() === undefined ? ['resources-not-loaded'] : []),
    close: async () => {
      await Promise.all([served.close(), keys.close()])
    },
  }
}

/** The keys that the configuration holds, or those of the file that it names, as that is at any time. */
export async function keysFromConfig({ keys, tokens, sessions }: Config, events: Events): Promise<FollowedFile> {
  if (keys.type === 'KubernetesSecret') throw new TypeError('the keys are not in a file')
  if (keys.type === 'Set') {
    const ring = await keyRing(parseKeySet(keys.set, 'keys.set'))
    return { ring: () => ring, close: async () => undefined }
  }
  const { file, create, rotate } = keys
  const environment = { now: Date.now, randomBytes }
  const set = await keySetFromFile(file, { create, algorithm: tokens.algorithm, events, ...environment })
  const longestLifeSeconds = Math.max(tokens.appTokenLifetimeSeconds, sessions.durationSeconds)
  const rotation = rotate ? standardRotation(tokens.algorithm, longestLifeSeconds, environment) : undefined
  return followKeyFile({ file, set, rotation, pollMs: KEY_POLL_MS, events }, environment)
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
