import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import { NotLeaderError } from '../../src/kubernetes/apply.ts'
import { kubeClient } from '../../src/kubernetes/client.ts'
import { keepKeySecret } from '../../src/kubernetes/key-keeper.ts'
import { readKeySecret } from '../../src/kubernetes/key-secret.ts'
import { reflect } from '../../src/kubernetes/reflector.ts'
import { runKeyKeeper } from '../../src/kubernetes/run-key-keeper.ts'
import { verifyAppToken } from '../../src/tokens/app-token.ts'
import { createCurrentKeys } from '../../src/tokens/current-keys.ts'
import type { KeyRing } from '../../src/tokens/key-ring.ts'
import { type KeySet, newKeySet, newSealingKey, newSigningKey } from '../../src/tokens/key-set.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { AUDIENCE, freshKeySet, ISSUER, mintedToken, NOW } from '../tokens/rings.ts'

const DAY = 86_400_000
const NAME = 'gatehouse-keys'

let cluster: KubernetesPart
let count = 0

/** A leader and a replica that only watches, in a namespace of their own, with a clock that the test turns. */
async function installation() {
  await using opened = new AsyncDisposableStack()
  count += 1
  const namespace = `keys-${count}`
  await cluster.ensureNamespace(namespace)
  const client = opened.adopt(kubeClient({ kubeconfigFile: await cluster.kubeconfig() }), (one) => one.close())
  const clock = { now: NOW }
  const said: string[] = []
  const environment = { now: () => clock.now, randomBytes }
  const replica = (name: string) =>
    createCurrentKeys({
      source: name,
      events: {
        keysReplaced: ({ accepted }) => said.push(`${name}: has ${accepted}`),
        keysUnreadable: ({ problem }) => said.push(`${name}: ${problem}`),
      },
    })
  const keys = { leader: replica('leader'), watcher: replica('watcher') }
  const settings = {
    client,
    namespace,
    name: NAME,
    keys: keys.leader,
    rotation: {
      rotateEveryMs: 42 * DAY,
      publishAheadMs: DAY,
      keepMs: 2 * DAY,
      algorithm: 'ES256' as const,
      newSigningKey: (algorithm: 'ES256' | 'RS256' | 'EdDSA') => newSigningKey(algorithm, environment),
      newSealingKey: () => newSealingKey(environment),
    },
    newKeySet: () => newKeySet('ES256', environment),
    now: () => clock.now,
    events: {
      keysWritten: ({ change, detail }: { change: string; detail: string | undefined }) =>
        said.push(`written: ${change}${detail === undefined ? '' : `, for it ${detail}`}`),
      keySecretTrouble: ({ problem }: { problem: string | undefined }) => said.push(`trouble: ${problem}`),
    },
  }
  const ending = new AbortController()
  const term = { isLeader: () => !ending.signal.aborted, lost: ending.signal }
  const secrets = opened.use(
    reflect(client, apiResources.secrets, {
      namespace,
      now: Date.now,
      random: Math.random,
      events: {
        watchRestarted: () => undefined,
        watchInterrupted: () => undefined,
        watchRecovered: () => undefined,
        internalError: () => undefined,
      },
    }),
  )
  const reference = { apiVersion: 'v1', kind: 'Secret', metadata: { name: NAME, namespace } }
  const path = `/api/v1/namespaces/${namespace}/secrets/${NAME}`
  const owned = opened.move()
  return {
    keys,
    said,
    clock,
    reference,
    settings,
    ending,
    look: () => keepKeySecret(settings, term),
    /** From now on the one watches, and the other keeps, too. */
    watching() {
      const stop = secrets.onChange(() => {
        if (secrets.isSynced()) void keys.watcher.replace(readKeySecret(secrets.items().get(`${namespace}/${NAME}`)))
      })
      const kept = runKeyKeeper({ ...settings, term, onChange: secrets.onChange })
      owned.defer(async () => {
        stop()
        ending.abort()
        await kept
      })
    },
    stored: async () => readKeySecret(await cluster.get(reference)).set,
    put: (data: Record<string, string> | null) =>
      cluster.request('PATCH', path, { contentType: 'application/merge-patch+json', body: { data } }),
    create: (data: Record<string, string>) =>
      cluster.request('POST', path.replace(`/${NAME}`, ''), { body: { ...reference, data } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')
const kids = (set: KeySet | undefined) => set?.signing.map(({ kid }) => kid)

needs(['etcd', 'kube-apiserver'], 'the Secret of the keys', () => {
  beforeAll(async () => {
    cluster = await startKubernetes()
  }, 90_000)
  afterAll(() => cluster.stop())

  describe('at one look of the leader', () => {
    test('is made where there is none, and left alone from then on', async () => {
      await using scene = await installation()
      expect(await scene.look()).toBe('created')
      const secret = await cluster.get(scene.reference)
      expect(secret).toMatchObject({
        type: 'Opaque',
        metadata: { labels: { 'app.kubernetes.io/managed-by': 'gatehouse' } },
      })
      expect(await scene.stored()).toEqual(scene.keys.leader.set())
      expect(await scene.look()).toBe('kept')
      expect(await cluster.get(scene.reference)).toEqual(secret)
    })

    test('is filled where it is empty, beside what it holds', async () => {
      await using scene = await installation()
      await scene.create({ other: encoded('x') })
      expect(await scene.look()).toBe('created')
      expect((await cluster.get(scene.reference))?.data).toMatchObject({ other: encoded('x') })
      expect(kids(await scene.stored())).toEqual(kids(scene.keys.leader.set()))
    })

    test('is rotated when that is due, while tokens of both keys count', async () => {
      await using scene = await installation()
      await scene.look()
      const before = scene.keys.leader.ring() as KeyRing
      const token = await mintedToken(before)
      scene.clock.now += 42 * DAY
      expect(await scene.look()).toBe('rotated')
      expect((await scene.stored())?.signing).toHaveLength(2)
      expect(scene.keys.leader.ring()?.signing.kid).toBe(before.signing.kid)
      scene.clock.now += DAY
      expect(await scene.look()).toBe('rotated')
      const after = scene.keys.leader.ring() as KeyRing
      expect(after.signing.kid).not.toBe(before.signing.kid)
      const expected = { issuer: ISSUER, audience: AUDIENCE, now: NOW }
      expect(await verifyAppToken(after, token, expected)).toMatchObject({ kid: before.signing.kid })
      scene.clock.now += 3 * DAY
      expect(await scene.look()).toBe('rotated')
      expect(await verifyAppToken(scene.keys.leader.ring() as KeyRing, token, expected)).toBe('token-invalid')
      expect(kids(await scene.stored())).toEqual([after.signing.kid])
    })

    test('is rotated once, by whoever is first, when two believe that they lead', async () => {
      await using scene = await installation()
      await scene.look()
      scene.clock.now += 42 * DAY
      const outcomes = await Promise.all([scene.look(), scene.look(), scene.look()])
      expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1)
      expect((await scene.stored())?.signing).toHaveLength(2)
      expect(await scene.look()).toBe('kept')
      expect(kids(scene.keys.leader.set())).toEqual(kids(await scene.stored()))
    })

    test('is made once, by whoever is first, when two believe that they lead', async () => {
      await using scene = await installation()
      const outcomes = await Promise.all([scene.look(), scene.look(), scene.look()])
      expect(outcomes.toSorted()).toEqual(['created', 'outrun', 'outrun'])
      expect(await scene.look()).toBe('kept')
      expect(kids(scene.keys.leader.set())).toEqual(kids(await scene.stored()))
    })

    test('is adopted if somebody put another good set there', async () => {
      await using scene = await installation()
      await scene.look()
      const theirs = { ...(await freshKeySet('EdDSA')), sealing: scene.keys.leader.set()?.sealing }
      await scene.put({ 'keys.json': encoded(theirs) })
      expect(await scene.look()).toBe('rotated')
      expect(kids(await scene.stored())?.[0]).toBe(theirs.signing[0]?.kid)
      expect(scene.keys.leader.ring()?.signing.kid).toBe(theirs.signing[0]?.kid)
      // For another algorithm than the configured one: its successor is made known at once.
      expect((await scene.stored())?.signing.map(({ algorithm }) => algorithm)).toEqual(['EdDSA', 'ES256'])
    })

    test.each<[string, (set: KeySet) => Record<string, string> | null, string]>([
      ['is no JSON', () => ({ 'keys.json': encoded('canary') }), 'its data.keys.json is not JSON'],
      ['lacks a member', ({ sealing }) => ({ 'keys.json': encoded({ version: 1, sealing }) }), 'signing: '],
      [
        'has a key under a wrong name',
        (set) => ({ 'keys.json': encoded({ ...set, signing: [{ ...set.signing[0], algorithm: 'RS256' }] }) }),
        'has a key that cannot be used',
      ],
      ['has been emptied', () => null, 'has no data.keys.json'],
    ])('gets its last good set back if it %s', async (_, spoil, problem) => {
      await using scene = await installation()
      await scene.look()
      const good = scene.keys.leader.set() as KeySet
      await scene.put(spoil(good))
      expect(await scene.look()).toBe('restored')
      expect(await scene.stored()).toEqual(good)
      expect(scene.said.find((line) => line.startsWith('written: restored'))).toContain(problem)
      expect(scene.said.join()).not.toContain('canary')
      expect(await scene.look()).toBe('kept')
    })

    test('gets its last good set back if it was deleted', async () => {
      await using scene = await installation()
      await scene.look()
      const good = scene.keys.leader.set()
      await cluster.delete(scene.reference)
      expect(await scene.look()).toBe('restored')
      expect(await scene.stored()).toEqual(good)
    })

    test('stays as it is if it is spoilt and nobody has ever seen a good one', async () => {
      await using scene = await installation()
      await scene.create({ 'keys.json': encoded('{ "version": 1,') })
      const secret = await cluster.get(scene.reference)
      expect(await scene.look()).toBe('unreadable')
      expect(await cluster.get(scene.reference)).toEqual(secret)
      expect(scene.said).toEqual(['leader: its data.keys.json is not JSON'])
    })

    test('is not written by one that leads no more', async () => {
      await using scene = await installation()
      scene.ending.abort()
      await expect(
        keepKeySecret(scene.settings, { isLeader: () => false, lost: new AbortController().signal }),
      ).rejects.toThrow(NotLeaderError)
      expect(await cluster.get(scene.reference)).toBeUndefined()
    })
  })

  test('is kept while it is watched: whatever becomes of it, all replicas have the same keys soon after', async () => {
    await using scene = await installation()
    scene.watching()
    const agree = (what: string) =>
      until(what, async () => {
        const [stored, leader, watcher] = [await scene.stored(), scene.keys.leader.set(), scene.keys.watcher.set()]
        return (
          stored !== undefined &&
          [leader, watcher].every((set) => JSON.stringify(set) === JSON.stringify(stored)) &&
          kids(stored)
        )
      })
    const first = await agree('it is made')
    await cluster.delete(scene.reference)
    expect(await agree('it is back')).toEqual(first)
    await scene.put({ 'keys.json': encoded('rubbish') })
    expect(await agree('it is whole again')).toEqual(first)
    scene.clock.now += 42 * DAY
    await scene.put({ note: encoded('a change, so that it is looked at') })
    await until('a key is published ahead', async () => (await agree('they agree')).length === 2)
    const theirs = await scene.settings.newKeySet()
    await scene.put({ 'keys.json': encoded(theirs) })
    await until('theirs is adopted', async () => (await agree('they agree'))[0] === theirs.signing[0]?.kid)
    expect(scene.keys.watcher.ring()?.signing.kid).toBe(theirs.signing[0]?.kid)
  }, 60_000)

  test('that may be neither read nor written is trouble that is told once, and no crash', async () => {
    await using scene = await installation()
    const token = await cluster.serviceAccountToken(scene.settings.namespace, 'nobody')
    const client = kubeClient({ kubeconfigFile: await cluster.kubeconfig(token) })
    const ending = new AbortController()
    const term = { isLeader: () => true, lost: ending.signal }
    const running = runKeyKeeper({ ...scene.settings, client, term, onChange: () => () => undefined })
    await until('it is told', () =>
      scene.said.some((line) => line.startsWith('trouble: ') && line.includes('forbidden')),
    )
    ending.abort()
    await running
    client.close()
    expect(scene.said).toHaveLength(1)
  })
})
