import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Scenario } from './scenario.ts'

/** How much younger than the snapshot its data is when it is restored. */
const AGE_MS = 2_000

export const redisSnapshot: Scenario = {
  name: 'redis-snapshot',
  what: 'Redis is killed, and comes back with what it had 2 s before',
  store: 'one server',
  holdMs: 500,
  rounds: 1,
  async begin({ scene: { store }, recorder }) {
    const server = await store.master()
    const [, directory = ''] = (await store.command(server, 'CONFIG', 'GET', 'dir')) as string[]
    const data = join(directory, 'appendonlydir')
    const copy = join(directory, 'snapshot')
    const writtenSinceMs = recorder.now()
    await cp(data, copy, { recursive: true })
    await pause(AGE_MS)
    await server.kill9()
    await rm(data, { recursive: true })
    await cp(copy, data, { recursive: true })
    await rm(copy, { recursive: true })
    return { end: () => server.restart(), loss: { cause: 'restored snapshot', writtenSinceMs } }
  },
}
