import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import { createWriter, NotLeaderError } from '../../src/kubernetes/apply.ts'
import type { KubeRequest } from '../../src/kubernetes/client.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'

/** A writer, what it asked of the server, and what the server answers. */
function stage(answer: (request: KubeRequest) => unknown = ({ body }) => body) {
  const asked: KubeRequest[] = []
  let isLeader = true
  const client = {
    async request(request: KubeRequest) {
      asked.push(request)
      return answer(request)
    },
  }
  const term = { isLeader: () => isLeader, lost: new AbortController().signal }
  const depose = () => {
    isLeader = false
  }
  return { writer: createWriter(client as never, term), asked, depose }
}

const middleware: KubeObject = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { name: 'one', namespace: 'gatehouse', uid: 'u1', resourceVersion: '7' },
  spec: { forwardAuth: { address: 'http://check' } },
}
const ingress: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'app',
    namespace: 'shop',
    uid: 'u2',
    resourceVersion: '9',
    annotations: { ours: 'x', theirs: 'y' },
  },
}
const refusal = (status: number) => new ApiError({ status, statusReason: '', message: 'refused' })

describe('whoever does not lead', () => {
  test.for([
    ['apply', (writer) => writer.apply(apiResources.middlewares, middleware)],
    ['applyStatus', (writer) => writer.applyStatus(apiResources.accessPolicies, middleware, {})],
    ['remove', (writer) => writer.remove(apiResources.middlewares, middleware)],
    ['annotate', (writer) => writer.annotate(apiResources.ingresses, { target: ingress, set: { a: 'b' }, remove: [] })],
    ['create', (writer) => writer.create(apiResources.events, middleware)],
  ] as const satisfies (readonly [string, (writer: ReturnType<typeof createWriter>) => Promise<unknown>])[])(
    'writes nothing: %s',
    async ([, write]) => {
      const { writer, asked, depose } = stage()
      depose()
      await expect(write(writer)).rejects.toBeInstanceOf(NotLeaderError)
      expect(asked).toEqual([])
    },
  )
})

describe('apply', () => {
  test('sends our fields alone, as their manager', async () => {
    const { writer, asked } = stage()
    await writer.apply(apiResources.middlewares, middleware)
    expect(asked).toMatchObject([
      {
        method: 'PATCH',
        path: '/apis/traefik.io/v1alpha1/namespaces/gatehouse/middlewares/one',
        query: { fieldManager: 'gatehouse', force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: middleware,
      },
    ])
  })

  test('takes out what others have added to the spec of an object that is wholly ours', async () => {
    const theirs = { forwardAuth: { address: 'http://check', trustForwardHeader: true } }
    const { writer, asked } = stage(() => ({ ...middleware, spec: theirs }))
    await writer.apply(apiResources.middlewares, middleware)
    expect(asked[1]).toMatchObject({ method: 'PATCH', contentType: 'application/json-patch+json' })
    expect(asked[1]?.body).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/spec', value: middleware.spec },
    ])
  })

  test('leaves what others have added to an application', async () => {
    const application = { ...middleware, kind: 'AccessApplication', spec: { destinations: [{ host: 'a' }] } }
    const grown = { destinations: [{ host: 'a' }, { host: 'b' }], denyPage: { message: 'ask' } }
    const { writer, asked } = stage(() => ({ ...application, spec: grown }))
    await writer.apply(apiResources.accessApplications, application)
    const value = { destinations: [{ host: 'a' }], denyPage: { message: 'ask' } }
    expect(asked[1]?.body).toContainEqual({ op: 'add', path: '/spec', value })
  })
})

describe('annotate', () => {
  test('sets our keys by apply, and creates nothing in the place of an Ingress that is gone', async () => {
    const { writer, asked } = stage()
    await writer.annotate(apiResources.ingresses, { target: ingress, set: { ours: 'z' }, remove: [] })
    expect(asked).toMatchObject([{ method: 'PATCH', contentType: 'application/apply-patch+yaml' }])
    expect(asked[0]?.body).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'app', namespace: 'shop', uid: 'u2', annotations: { ours: 'z' } },
    })
  })

  test('takes keys back in one step, of the Ingress as it was seen and no other', async () => {
    const { writer, asked } = stage()
    const edit = { target: ingress, set: { 'a/list~': 'rest' }, remove: ['ours', 'long gone'] }
    await writer.annotate(apiResources.ingresses, edit)
    expect(asked).toMatchObject([{ method: 'PATCH', contentType: 'application/json-patch+json' }])
    expect(asked[0]?.body).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '9' },
      { op: 'remove', path: '/metadata/annotations/ours' },
      { op: 'add', path: '/metadata/annotations/a~1list~0', value: 'rest' },
    ])
  })
})

describe('remove', () => {
  test('removes the very object that was seen', async () => {
    const { writer, asked } = stage()
    await writer.remove(apiResources.middlewares, middleware)
    expect(asked).toMatchObject([{ method: 'DELETE', body: { preconditions: { uid: 'u1', resourceVersion: '7' } } }])
  })

  test('is content if the object is gone, and not if it has changed', async () => {
    const gone = stage(() => {
      throw refusal(404)
    })
    await gone.writer.remove(apiResources.middlewares, middleware)
    const changed = stage(() => {
      throw refusal(409)
    })
    await expect(changed.writer.remove(apiResources.middlewares, middleware)).rejects.toMatchObject({ status: 409 })
  })
})

test('create says whether there was one already', async () => {
  expect(await stage().writer.create(apiResources.events, middleware)).toBe(true)
  const there = stage(() => {
    throw refusal(409)
  })
  expect(await there.writer.create(apiResources.events, middleware)).toBe(false)
})
