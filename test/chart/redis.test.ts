import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { needs } from '../parts/needs.ts'
import { at, loadRendered } from './container.ts'
import { CHART, minimal, objectOf, render } from './helm.ts'

/** The settings of Redis as Gatehouse understands what is rendered. */
async function redisOf(objects: readonly KubeObject[]) {
  const loaded = await loadRendered(objects)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { store } = loaded.config
  if (store.type !== 'Redis') throw new Error('the store is not Redis')
  return store.redis
}

const profile = (name: string) => render('helm', ['--values', join(CHART, 'ci', `${name}-values.yaml`)])
const withRedis = (redis: object) => render('helm', [], { ...minimal, redis })

needs('helm', 'Redis of the chart', () => {
  test('is found by its Sentinels, which have a password and certificates of their own', async () => {
    expect(await redisOf(await profile('sentinel'))).toMatchObject({
      sentinel: {
        masterName: 'gatehouse',
        addresses: [0, 1, 2].map((number) => ({ host: `sentinel-${number}.redis.svc`, port: 26_379 })),
        username: 'gatehouse',
        passwordFile: { path: '/etc/gatehouse/sentinel-password/password', holds: 'Password' },
        tls: { servername: 'sentinel.redis.svc', cert: expect.anything(), key: expect.anything() },
      },
      database: 1,
      username: 'gatehouse',
      passwordFile: { path: '/etc/gatehouse/redis-password/password', holds: 'Password' },
      tls: { ca: expect.anything() },
      replicasToAcknowledge: 1,
    })
  })

  test('is a Cluster by TLS with the authorities of the system', async () => {
    const redis = await redisOf(await profile('cluster'))
    expect(redis.tls).not.toHaveProperty('ca')
    expect(redis).toMatchObject({
      cluster: { addresses: [0, 1, 2].map((number) => ({ host: `redis-${number}.example.com`, port: 6379 })) },
      passwordFile: { holds: 'Password' },
      tls: {},
      replicasToAcknowledge: 2,
    })
  })

  test('is one server, whose password may stand in a Secret beside its URL', async () => {
    const passwordSecret = { name: 'redis-password' }
    const redis = { url: 'rediss://redis.example.com', username: 'gatehouse', passwordSecret, replicasToAcknowledge: 0 }
    expect(await redisOf(await withRedis(redis))).toMatchObject({
      host: 'redis.example.com',
      username: 'gatehouse',
      password: 'pqQ8dkXx21',
      passwordFile: { path: '/etc/gatehouse/redis-password/password', holds: 'Password' },
      replicasToAcknowledge: 0,
    })
  })

  test('leaves the number of replicas to Gatehouse unless one is given', async () => {
    expect((await redisOf(await withRedis(minimal.redis))).replicasToAcknowledge).toBeUndefined()
  })

  test.for(['production', 'sentinel', 'cluster', 'everything'])(
    'has, in the profile %s, its Secrets mounted so that another content reaches the pod',
    async (name) => {
      const deployment = (await profile(name)).find(({ kind }) => kind === 'Deployment') as KubeObject
      const pod = at(deployment, 'spec.template.spec')
      const secrets = pod.volumes.filter((volume: { secret?: object }) => volume.secret !== undefined)
      const mounts = pod.containers[0].volumeMounts as { name: string; subPath?: string; readOnly?: boolean }[]
      expect(secrets).not.toEqual([])
      for (const volume of secrets) {
        const mount = mounts.find((one) => one.name === volume.name)
        expect(mount, volume.name).toMatchObject({ readOnly: true })
        expect(mount).not.toHaveProperty('subPath')
      }
    },
  )

  test('has a Secret of the chart for a plain URL alone', async () => {
    const url = 'redis://redis.example.com'
    expect(at(objectOf(await withRedis({ url }), 'Secret', 'gatehouse-redis'), 'stringData')).toEqual({ url })
    const names = (await profile('sentinel'))
      .filter(({ kind }) => kind === 'Secret')
      .map(({ metadata }) => metadata.name)
    expect(names).toEqual([])
  })
})
