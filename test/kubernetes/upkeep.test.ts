import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { createPatience } from '../../src/kubernetes/patience.ts'
import { upkeep } from '../../src/kubernetes/upkeep.ts'

const object = (name: string, spec: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'gatehouse', ...metadata },
  spec,
})
const names = (objects: readonly KubeObject[]) => objects.map(({ metadata }) => metadata.name)

test('applies what is missing or differs, and removes what is not wanted', () => {
  const desired = [object('missing'), object('edited', { a: 1 }), object('sound')]
  const owned = [object('edited', { a: 2 }), object('sound'), object('left over')]
  const { apply, remove } = upkeep(desired, owned)
  expect(names(apply)).toEqual(['missing', 'edited'])
  expect(names(remove)).toEqual(['left over'])
})

test('leaves alone what is on its way out', () => {
  const owned = [object('leaving', {}, { deletionTimestamp: '2026-11-23T12:00:00Z' })]
  expect(upkeep([], owned).remove).toEqual([])
})

test('a write that never sticks is tried more and more rarely, and known as unsettled', () => {
  let now = 0
  const patience = createPatience(() => now)
  let tries = 0
  for (; now < 600_000; now += 100) if (patience.mayTry('one')) tries += 1
  expect(tries).toBeGreaterThan(10)
  expect(tries).toBeLessThan(25)
  expect(patience.unsettled()).toEqual(['one'])
  patience.settle(new Set())
  expect(patience.unsettled()).toEqual([])
  expect(patience.mayTry('one')).toBe(true)
})
