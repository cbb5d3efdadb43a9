import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from './needs.ts'
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts'
import { type RedisSentinels, startRedisSentinels } from './redis-sentinel.ts'
import { until } from './until.ts'

needs('redis-server', 'a real Sentinel set', () => {
  let set: RedisSentinels
  beforeAll(async () => {
    set = await startRedisSentinels({
      isProxied: true,
      login: { username: 'gate', password: 'opens' },
      sentinelPassword: 'knocks',
    })
  })
  afterAll(() => set.stop())

  test('replicates what is written to its master', async () => {
    await set.command(await set.master(), 'SET', 'kept', 'yes')
    for (const replica of await set.replicas()) {
      await until('the replica has it', async () => (await set.command(replica, 'GET', 'kept')) === 'yes')
    }
  })

  test('fails over when it is told to', async () => {
    const before = await set.master()
    const after = await set.failover()
    expect(after).not.toBe(before)
    expect(await set.command(after, 'GET', 'kept')).toBe('yes')
  })

  test('fails over when its master is killed, and takes it back as a replica', async () => {
    const before = await set.master()
    await before.kill9()
    const after = await until('another master is named', async () => {
      const now = await set.master()
      return now !== before && now
    })
    await before.restart()
    expect(await set.settled()).toBe(after)
  })

  test('fails over when its master is cut off by its proxy', async () => {
    const before = await set.master()
    const heal = before.proxy?.disturb({ kind: 'silent' })
    await until('another master is named', async () => (await set.master()) !== before)
    expect(await set.command(before, 'ROLE')).toContain('master')
    heal?.()
    expect(await set.settled()).not.toBe(before)
  })
})

needs('redis-server', 'a real Redis Cluster', () => {
  const key = '{tag}:1'
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster({ isProxied: true, password: 'opens' })
  })
  afterAll(() => cluster.stop())

  test('migrates a slot, and answers ASK halfway and MOVED after', async () => {
    const source = await cluster.masterOf(key)
    const names = Array.from({ length: 10 }, (_, index) => `{tag}:${index}`)
    for (const name of names) await cluster.command(source, 'SET', name, 'here')
    const target = await cluster.masterOf('b')
    expect(target).not.toBe(source)
    const ask = () =>
      Promise.all(names.map((name) => cluster.command(source, 'GET', name).catch((error: Error) => error.message)))
    const replies: unknown[] = []
    await cluster.migrateSlot(await cluster.slotOf(key), target, async () => void replies.push(...(await ask())))
    expect(replies.filter((reply) => reply === 'here')).toHaveLength(5)
    expect(replies.filter((reply) => String(reply).startsWith('ASK '))).toHaveLength(5)
    expect((await ask()).every((reply) => String(reply).startsWith('MOVED '))).toBe(true)
    expect(await cluster.masterOf(key)).toBe(target)
  })

  test('fails over when it is told to', async () => {
    const before = await cluster.masterOf(key)
    const after = await cluster.failover(key)
    expect(after).not.toBe(before)
    expect(await cluster.command(after, 'GET', key)).toBe('here')
    expect(await cluster.replicasOf(after)).toEqual([before])
  })

  test('fails over when a master is killed, and takes it back as a replica', async () => {
    const before = await cluster.masterOf(key)
    await before.kill9()
    const after = await until('the replica has taken over', () => cluster.masterOf(key), { timeoutMs: 20_000 })
    await before.restart()
    await cluster.settled()
    expect(await cluster.masterOf(key)).toBe(after)
  })
})
