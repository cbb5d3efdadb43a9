import type { Redis } from 'ioredis'
import type { Events, StoreSetting } from '../observe/events.ts'
import { failureOf } from './failure.ts'
import { readInfo, type ServerInfo } from './info.ts'

/** What a master says of how it keeps data. */
export interface ServerFacts {
  readonly info: ServerInfo
  /** Its `save` setting; undefined: we may not ask. */
  readonly save: string | undefined
}

/** What is known of one setting: as it has to be if nothing is `found`. */
export interface Finding {
  readonly setting: StoreSetting
  readonly found: string | undefined
  readonly expected: string
}

const OLDEST = [7, 0] as const

/**
 * Judges a master. What could not be read is not judged.
 *
 * @param leastReplicas how many replicas there have to be
 */
export function judge({ info, save }: ServerFacts, leastReplicas: number): readonly Finding[] {
  const policy = info.get('maxmemory_policy')
  const version = info.get('redis_version')
  const replicas = info.get('connected_slaves')
  const isAppending = info.get('aof_enabled')
  const isKept = isAppending === '1' || save !== ''
  return [
    ...finding('maxmemory-policy', policy, policy === 'noeviction', 'noeviction'),
    ...finding('version', version, version !== undefined && isRecent(version), `${OLDEST.join('.')} or newer`),
    ...finding('replicas', replicas, Number(replicas) >= leastReplicas, `at least ${leastReplicas}`),
    ...(isAppending === undefined || (isAppending === '0' && save === undefined)
      ? []
      : finding('persistence', 'nothing is kept on disk', isKept, 'an append-only file, or snapshots')),
  ]
}

function finding(setting: StoreSetting, found: string | undefined, isSafe: boolean, expected: string): Finding[] {
  return found === undefined ? [] : [{ setting, found: isSafe ? undefined : found, expected }]
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

export type ReadFacts = (client: Pick<Redis, 'info' | 'config'>) => Promise<ServerFacts | undefined>

/** Looks at masters over connections that are ready; undefined if there is no answer. */
export function factsReader(): ReadFacts {
  let mayAskConfig = true

  async function readSave(client: Pick<Redis, 'config'>): Promise<string | undefined> {
    if (!mayAskConfig) return undefined
    try {
      const reply = await client.config('GET', 'save')
      return Array.isArray(reply) ? String(reply[1]) : undefined
    } catch (error) {
      // CONFIG may be forbidden to us, or renamed. Asked again and again it would fill the server's log of refusals.
      const kind = failureOf(error)?.kind
      if (kind !== 'refused' && kind !== 'misused') throw error
      mayAskConfig = false
      return undefined
    }
  }

  return async (client) => {
    try {
      const [info, save] = await Promise.all([client.info(), readSave(client)])
      return { info: readInfo(info), save }
    } catch (error) {
      // The connection is lost or of no use, of which others tell; the next one is looked at again.
      if (failureOf(error) === undefined) throw error
      return undefined
    }
  }
}

/** Looks at masters, and reports by `storeSettingUnsafe` what is found at all of them together, each change once. */
export interface ServerInspection {
  /** @param master its address */
  look(master: string, client: Pick<Redis, 'info' | 'config'>): void
  /** No master any more. */
  forget(master: string): void
}

/** @param leastReplicas how many replicas each master has to have */
export function inspectServers(
  events: Pick<Events, 'storeSettingUnsafe'>,
  leastReplicas: number,
  readFacts: ReadFacts = factsReader(),
): ServerInspection {
  const byMaster = new Map<string, readonly Finding[]>()
  const reported = new Map<StoreSetting, string>()

  function report(): void {
    const all = [...byMaster.values()].flat()
    for (const setting of new Set(all.map((one) => one.setting))) {
      const ofThis = all.filter((one) => one.setting === setting)
      const worst = ofThis.find(({ found }) => found !== undefined) ?? ofThis[0]
      if (worst === undefined || reported.get(setting) === (worst.found ?? '')) continue
      const isOver = worst.found === undefined && reported.has(setting)
      reported.set(setting, worst.found ?? '')
      events.storeSettingUnsafe({ ...worst, isOver })
    }
  }

  return {
    look(master, client) {
      byMaster.set(master, byMaster.get(master) ?? [])
      void readFacts(client).then((facts) => {
        if (facts === undefined || !byMaster.has(master)) return
        byMaster.set(master, judge(facts, leastReplicas))
        report()
      })
    },
    forget(master) {
      byMaster.delete(master)
    },
  }
}
