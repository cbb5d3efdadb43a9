import { expect, test } from 'vitest'
import { createEventTasks } from '../../src/kubernetes/event-tasks.ts'
import type { EventContent } from '../../src/kubernetes/kube-event.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'

const HOUR_MS = 3_600_000

/** What is told, look by look, at a time that the test sets; the server refuses events of the namespace `full`. */
function teller() {
  const told: string[] = []
  let now = Date.parse('2026-11-23T12:00:00Z')
  const create = async (_: unknown, { metadata: { namespace }, note }: KubeObject) => {
    if (namespace === 'full') throw new Error('exceeded quota')
    told.push(String(note))
    return true
  }
  const tasksOf = createEventTasks({ create }, { now: () => now, instance: 'one' })
  return {
    told,
    /** @returns how many writes were tried */
    async look(contents: readonly EventContent[], afterMs = 0): Promise<number> {
      now += afterMs
      const tasks = tasksOf(contents)
      await Promise.allSettled(tasks.map(({ run }) => run()))
      return tasks.length
    },
  }
}

function content(name: string, namespace = 'shop', reason = 'HostMissing'): EventContent {
  const metadata = { name, namespace, uid: `${namespace}-${name}` }
  return {
    about: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata },
    type: 'Warning',
    reason,
    note: `${name}: ${reason}`,
  }
}

const many = (count: number, namespace: string) =>
  Array.from({ length: count }, (_, index) => content(`app-${index}`, namespace))

test('an event is told once, and again after an hour, when the server has forgotten it', async () => {
  const { told, look } = teller()
  await look([content('web')])
  await look([content('web')], HOUR_MS)
  expect(told).toEqual(['web: HostMissing'])
  await look([content('web')], 1)
  expect(told).toEqual(['web: HostMissing', 'web: HostMissing'])
})

test('of a kind of event about an object the first is told', async () => {
  const { told, look } = teller()
  await look([content('web'), { ...content('web'), note: 'another' }, content('web', 'shop', 'AuthHost')])
  expect(told.toSorted()).toEqual(['web: AuthHost', 'web: HostMissing'])
})

test('a refused event is tried again, but not at once', async () => {
  const { look } = teller()
  const tried: number[] = []
  for (const afterMs of [0, 2_000, 17_000, 2_000]) tried.push(await look([content('web', 'full')], afterMs))
  expect(tried).toEqual([1, 0, 0, 1])
})

test.for([
  ['before', [content('web'), ...many(3_000, 'full')]],
  ['after', [...many(3_000, 'full'), content('web')]],
] as const)('one that stands %s thousands of refused ones is told', async ([, contents]) => {
  const { told, look } = teller()
  for (let count = 0; count < 100; count += 1) await look(contents, 2_000)
  expect(told).toEqual(['web: HostMissing'])
})
