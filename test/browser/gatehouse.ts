import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '../parts/port.ts'
import { type RunningProcess, startProcess } from '../parts/process.ts'
import { AUTH_HOST, manifests, type ProviderOrigins } from './manifests.ts'

export const CLIENT_SECRET = 'a secret that only the tests and their providers know'

/** Gatehouse as its own process, as an operator starts it. */
export interface GatehousePart {
  readonly ports: Readonly<Record<'check' | 'portal' | 'ops', number>>
  /** The file with its keys. */
  readonly keyFile: string
  readonly process: RunningProcess
}

/** Chooses the ports first, since the proxy has to know them before its certificates exist. */
export function gatehousePorts(): Promise<GatehousePart['ports']> {
  return freePorts(['check', 'portal', 'ops'])
}

/**
 * Writes configuration and manifests into the directory and starts the program.
 *
 * @param authorityFile certificate of the authority that the providers' certificates are signed by
 * @param redisUrl undefined: sessions in memory
 */
export async function startGatehouse(settings: {
  readonly directory: string
  readonly ports: GatehousePart['ports']
  readonly origins: ProviderOrigins
  readonly authorityFile: string
  readonly redisUrl: string | undefined
  readonly maxStaleness: string
}): Promise<GatehousePart> {
  const { directory, ports, origins, authorityFile, redisUrl, maxStaleness } = settings
  const at = (...names: string[]) => join(directory, ...names)
  const listener = (port: number) => ({ host: '127.0.0.1', port })
  const configuration = {
    auth: { url: `https://${AUTH_HOST}` },
    listeners: { check: listener(ports.check), portal: listener(ports.portal), ops: listener(ports.ops) },
    resources: { directory: at('resources'), secretsDirectory: at('secrets') },
    store: redisUrl === undefined ? { type: 'Memory' } : { type: 'Redis', redis: { url: redisUrl } },
    keys: { file: at('keys.json') },
    revocation: { maxStaleness },
    shutdown: { notReadyDelay: '0s', timeout: '2s' },
  }
  await mkdir(at('resources'))
  await mkdir(at('secrets', 'providers'), { recursive: true })
  await writeFile(at('secrets', 'providers', 'secret'), CLIENT_SECRET)
  await writeFile(at('resources', 'all.yaml'), manifests(origins))
  await writeFile(at('gatehouse.yaml'), JSON.stringify(configuration))
  const process = await startProcess({
    command: globalThis.process.execPath,
    args: ['src/main.ts', '--config', at('gatehouse.yaml')],
    env: { PATH: globalThis.process.env.PATH, NODE_EXTRA_CA_CERTS: authorityFile },
    isReady: async () => (await fetch(`http://127.0.0.1:${ports.ops}/readyz`)).ok,
  })
  return { ports, keyFile: at('keys.json'), process }
}
