import { expect, test } from 'vitest'
import { scopeText } from '../../src/revocation/scope-text.ts'
import { needs } from '../parts/needs.ts'
import { startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { ADA, BY, endAfterEach, has, rawAt, replicaAt, SET, use } from './redis-scene.ts'

needs('redis-server', 'revocations on a Redis with replicas', () => {
  endAfterEach()

  async function withReplica(options: { readonly replicasToAcknowledge?: number } = {}) {
    const master = use(await startRedis({ args: ['--repl-diskless-sync-delay', '0'] }))
    const follower = use(await startRedis({ args: ['--replicaof', '127.0.0.1', `${master.port}`] }))
    const raw = rawAt(master.port)
    await until('the replica is online', async () => (await raw.info('replication')).includes('state=online'))
    return { master, follower, raw, one: await replicaAt(master.port, options) }
  }

  test('a revocation is accepted when each that is online has it', async () => {
    const { one, follower } = await withReplica()
    expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'accepted', holders: 1, wanted: 1 })
    const copy = rawAt(follower.port)
    expect(await copy.hexists(SET, scopeText(ADA))).toBe(1)
  })

  test('it is pending while one does not answer, and many at once wait no longer than one', async () => {
    const { one, follower } = await withReplica()
    await one.revoker.revoke(ADA, BY)
    follower.pause()
    const startedAt = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => one.revoker.revoke({ kind: 'session', sid: `sid-${index}` }, BY)),
    )
    expect(performance.now() - startedAt).toBeLessThan(3000)
    for (const answer of answers) expect(answer).toMatchObject({ status: 'pending', holders: 0, wanted: 1 })
    follower.resume()
    await until('it is accepted again', async () => (await one.revoker.revoke(ADA, BY)).status === 'accepted')
  })

  test('it is pending when the master has lost sight of its replica, as one does that is cut off', async () => {
    const { one, follower, raw } = await withReplica()
    await one.revoker.revoke(ADA, BY)
    await follower.kill9()
    await until('the master sees none', async () => (await raw.info('replication')).includes('connected_slaves:0'))
    expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'pending', holders: 0, wanted: 1 })
  })

  test('it is pending while fewer have it than are asked for', async () => {
    const { one } = await withReplica({ replicasToAcknowledge: 2 })
    expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'pending', holders: 1, wanted: 2 })
  })

  test('it stays refused when a replica without it takes over, and that one is given it', async () => {
    const { one, master, follower } = await withReplica()
    const copy = rawAt(follower.port)
    await copy.replicaof('NO', 'ONE')
    // There was a replica a moment ago: it is not called safe for want of one.
    expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'pending' })
    // The same port, so that the links find the one that took over.
    await master.kill9()
    const heir = use(await startRedis({ port: master.port }))
    const rawHeir = rawAt(heir.port)
    await until('it is given back', async () => (await rawHeir.hexists(SET, scopeText(ADA))) === 1)
    expect(has(one, ADA)).toBe(true)
  })
})
