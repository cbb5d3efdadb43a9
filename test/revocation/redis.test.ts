import { afterAll, beforeAll } from 'vitest'
import { revocationLogContract } from '../contracts/revocation-log.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { pingLink } from '../redis/questions.ts'
import { redisLog } from './redis-world.ts'

needs('redis-server', 'the revocation log in Redis', () => {
  let server: RedisPart
  const opened = new AsyncDisposableStack()
  let prefixes = 0

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    await opened.disposeAsync()
    await server?.stop()
  })

  async function open() {
    prefixes += 1
    const world = opened.use(await redisLog({ at: server.port, keyPrefix: `test${prefixes}:` }))
    await until('both links are there', async () => {
      await Promise.all([world.log.end(), pingLink(world.scripts, 100)])
      return true
    })
    return world
  }

  revocationLogContract('Redis', async () => (await open()).log)
})
