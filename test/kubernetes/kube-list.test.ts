import { expect, test } from 'vitest'
import { AnswerTooLargeError, ApiUnreachableError } from '../../src/kubernetes/api-error.ts'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import type { KubeClient, KubeRequest } from '../../src/kubernetes/client.ts'
import { listAll } from '../../src/kubernetes/kube-list.ts'

/** A server with so many objects, of which it cannot say more than `most` at once. */
function serverOf(count: number, most: number) {
  const limits: number[] = []
  async function request({ query = {} }: KubeRequest): Promise<unknown> {
    const [limit, start] = [Number(query.limit), Number(query.continue ?? 0)]
    limits.push(limit)
    const end = Math.min(count, start + limit)
    if (end - start > most) throw new AnswerTooLargeError('too large')
    const items = Array.from({ length: end - start }, (_, index) => ({
      metadata: { name: `policy-${start + index}`, namespace: 'team', resourceVersion: '1' },
    }))
    return { metadata: { resourceVersion: '7', ...(end < count ? { continue: String(end) } : {}) }, items }
  }
  const client = { request, lines: () => [], close: () => undefined } as unknown as KubeClient
  const list = () => listAll(client, { resource: apiResources.accessPolicies }, new AbortController().signal)
  return { limits, list }
}

test.for([0, 1, 500, 501, 1_234])('lists %i objects in pages of 500', async (count) => {
  const { limits, list } = serverOf(count, Number.POSITIVE_INFINITY)
  expect((await list()).objects.size).toBe(count)
  expect(limits).toEqual(Array.from({ length: Math.max(1, Math.ceil(count / 500)) }, () => 500))
})

test.for([1, 2, 30, 499])('lists objects that are so large that %i of them fill an answer', async (most) => {
  const { limits, list } = serverOf(700, most)
  expect((await list()).objects.size).toBe(700)
  expect(limits.length).toBeLessThan(2_500)
})

test('gives up at an object that is too large by itself', async () => {
  await expect(serverOf(3, 0).list()).rejects.toThrow(ApiUnreachableError)
})
