import { expect, test } from 'vitest'
import type { ProxiedRequest } from '../parts/fault-proxy.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { all, isWatch, proxiedPolicies } from './proxied-policies.ts'

needs(['etcd', 'kube-apiserver'], 'silence between the reflector and a real API server', () => {
  const stage = proxiedPolicies()
  const { beginSynced, isCurrent, changeAll } = stage

  /** Nothing more comes through connections that are open now; others are as they should be. */
  function halfOpen(): void {
    const open = new Set<ProxiedRequest>(stage.proxy.open())
    stage.proxy.add((request) => open.has(request), { kind: 'silent' })
  }

  test('of a half-open connection: current within 35 s', { timeout: 60_000 }, async () => {
    const one = await beginSynced()
    await stage.policies.change('one', 1)
    await isCurrent(one)
    halfOpen()
    await changeAll()
    const startedAt = performance.now()
    await isCurrent(one, 35_000)
    expect(performance.now() - startedAt).toBeGreaterThan(20_000)
    expect(one.reasons()).toEqual(['silent'])
  })

  test('of a half-open connection, again and again', async () => {
    const one = await beginSynced({ timings: { silenceMs: 1_500 } })
    for (const round of [1, 2, 3]) {
      halfOpen()
      await stage.policies.change('one', round)
      await isCurrent(one, 3_500)
      await until('it watches', () => stage.proxy.open().some(isWatch))
    }
  })

  test('of the whole network', async () => {
    const one = await beginSynced({ timings: { silenceMs: 1_500 } })
    const end = stage.proxy.add(all, { kind: 'silent' })
    await changeAll()
    await until('it says so', () => one.reflection.trouble() !== undefined, { timeoutMs: 15_000 })
    end()
    await isCurrent(one)
  })

  test('of a server that is stopped in its tracks', async () => {
    const one = await beginSynced({ timings: { silenceMs: 1_500 } })
    stage.cluster.pauseServer()
    try {
      await until('it says so', () => one.reflection.trouble() !== undefined, { timeoutMs: 15_000 })
    } finally {
      stage.cluster.resumeServer()
    }
    await changeAll()
    await isCurrent(one)
  })

  test('of a kind where nothing happens: it is known to be current all the time', { timeout: 30_000 }, async () => {
    const one = await beginSynced({ timings: { silenceMs: 6_000 } })
    const oldest: number[] = []
    const startedAt = performance.now()
    await until(
      'more than one watch has ended',
      () => {
        oldest.push(one.reflection.ageMs())
        return performance.now() - startedAt > 14_000
      },
      { timeoutMs: 20_000, everyMs: 100 },
    )
    expect(Math.max(...oldest)).toBeLessThan(6_500)
    expect(one.reasons()).toEqual([])
  })
})
