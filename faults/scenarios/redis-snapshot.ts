import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { crash } from '../replica.ts'
import { anyReplica } from '../trial.ts'
import type { Scenario } from './scenario.ts'

/** How much younger than the snapshot its data is when it is restored. */
const AGE_MS = 2_000
/** By then the replicas have given it back what it lost. */
const SOON_MS = 1_500

export const redisSnapshot: Scenario = {
  name: 'redis-snapshot',
  what: 'Redis is killed, comes back with what it had 2 s before, and then a replica of Gatehouse is killed and started again',
  store: 'one server',
  holdMs: 500,
  rounds: 1,
  async begin(trial) {
    const { scene, recorder } = trial
    const { store } = scene
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
    const end = async () => {
      await server.restart()
      await pause(SOON_MS)
      await crash(anyReplica(trial))
    }
    return { end, loss: { cause: 'restored snapshot', writtenSinceMs } }
  },
}
