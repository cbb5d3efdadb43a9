import { expect } from 'vitest'
import { type ApiResource, apiResources } from '../../src/kubernetes/api-resource.ts'
import type { KubeClient } from '../../src/kubernetes/client.ts'
import { type Reflection, type ReflectorOptions, reflect } from '../../src/kubernetes/reflector.ts'
import { until } from '../parts/until.ts'
import { type ScriptedApi, scriptedApi, stamp } from './scripted-api.ts'

/** What a reflection has reported. */
export interface Reported {
  readonly name: 'internalError' | 'watchRestarted' | 'watchInterrupted' | 'watchRecovered'
  readonly event: Readonly<Record<string, unknown>>
}

/** A reflection with all that it reports. */
export interface Watched extends AsyncDisposable {
  readonly reflection: Reflection
  readonly reported: Reported[]
  /** Calls of a listener so far. */
  changes(): number
  reasons(): unknown[]
  versions(): Record<string, string>
  /** Waits until the set is this one. */
  equals(expected: () => Record<string, string>, timeoutMs?: number): Promise<void>
}

export function watched(
  client: KubeClient,
  options: Partial<ReflectorOptions> = {},
  resource: ApiResource = apiResources.accessPolicies,
): Watched {
  const reported: Reported[] = []
  const report = (name: Reported['name']) => (event: object) => {
    reported.push({ name, event: { ...event } })
  }
  const reflection = reflect(client, resource, {
    now: Date.now,
    random: Math.random,
    events: {
      internalError: report('internalError'),
      watchRestarted: report('watchRestarted'),
      watchInterrupted: report('watchInterrupted'),
      watchRecovered: report('watchRecovered'),
    },
    ...options,
  })
  let changes = 0
  reflection.onChange(() => {
    changes += 1
  })
  const versions = () =>
    Object.fromEntries([...reflection.items()].map(([key, object]) => [key, stamp(object)] as const))
  return {
    reflection,
    reported,
    changes: () => changes,
    reasons: () => reported.filter(({ name }) => name === 'watchRestarted').map(({ event }) => event.reason),
    versions,
    async equals(expected, timeoutMs = 2_000) {
      await until('the set is the server’s', () => reflection.isSynced() && isEqual(versions(), expected()), {
        timeoutMs,
      }).catch((error: unknown) => {
        expect(versions(), String(error)).toEqual(expected())
        throw error
      })
    },
    [Symbol.asyncDispose]: () => reflection[Symbol.asyncDispose](),
  }
}

function isEqual(left: Record<string, string>, right: Record<string, string>): boolean {
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key])
}

/** Runs a test on a reflection that watches a set of three. Options are those of the reflector. */
export async function whileSynced(
  body: (api: ScriptedApi, watch: Watched) => Promise<void>,
  options: Partial<ReflectorOptions> = {},
): Promise<void> {
  await using api = await scriptedApi()
  for (const name of ['one', 'two', 'three']) api.put(name)
  await using watch = watched(api.client, options)
  await watch.equals(api.versions)
  await until('it watches', () => api.asked.some(({ isWatch }) => isWatch))
  await body(api, watch)
  expect(watch.reported.filter(({ name }) => name === 'internalError')).toEqual([])
}
