import { describe, expect, test } from 'vitest'
import { contains, differs } from '../../src/kubernetes/difference.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'

describe('contains', () => {
  test.for([
    ['equal scalars', 1, 1, true],
    ['another scalar', 1, 2, false],
    ['a map that holds more', { a: 1, b: 2 }, { a: 1 }, true],
    ['a map that holds less', { a: 1 }, { a: 1, b: 2 }, false],
    ['a map nested in a list', [{ a: 1, b: 2 }], [{ a: 1 }], true],
    ['a longer list', [1, 2], [1], false],
    ['a list in another order', [2, 1], [1, 2], false],
    ['a list where a map is wanted', [], {}, false],
    ['nothing where a map is wanted', undefined, {}, false],
    ['a wanted field without a value', {}, { a: undefined }, true],
  ] as const)('%s', ([, there, wanted, answer]) => {
    expect(contains(there, wanted)).toBe(answer)
  })
})

describe('differs', () => {
  const desired: KubeObject = {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: {
      name: 'one',
      namespace: 'gatehouse',
      labels: { own: 'yes' },
      annotations: { about: 'it' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Thing', name: 'it', uid: 'u1' }],
    },
    spec: { forwardAuth: { address: 'http://check' } },
  }
  const with_ = (change: (object: Record<string, unknown>) => void, kind = desired.kind): KubeObject => {
    const copy = structuredClone({ ...desired, kind }) as unknown as Record<string, unknown>
    change(copy)
    return copy as unknown as KubeObject
  }
  const metadata = (change: object) => with_((object) => Object.assign(object.metadata as object, change))
  const spec = (value: unknown, kind?: string) => with_((object) => Object.assign(object, { spec: value }), kind)

  test.for([
    ['the same object', desired, false],
    ['a label of others beside ours', metadata({ labels: { own: 'yes', theirs: 'too' } }), false],
    ['our label taken away', metadata({ labels: {} }), true],
    ['our label changed', metadata({ labels: { own: 'no' } }), true],
    ['an annotation taken away', metadata({ annotations: undefined }), true],
    ['the owner taken away', metadata({ ownerReferences: [] }), true],
    [
      'another owner with the same name',
      metadata({ ownerReferences: [{ ...desired.metadata.ownerReferences?.[0], uid: 'u2' }] }),
      true,
    ],
    ['the spec changed', spec({ forwardAuth: { address: 'http://else' } }), true],
    ['something added to the spec', spec({ forwardAuth: { address: 'http://check', trustForwardHeader: true } }), true],
    ['a second spec beside ours', spec({ forwardAuth: { address: 'http://check' }, chain: {} }), true],
    ['no spec', spec(undefined), true],
  ] as const)('%s', ([, observed, answer]) => {
    expect(differs(desired, observed)).toBe(answer)
  })

  test('leaves what others add to the spec of an application', () => {
    const application = { ...desired, kind: 'AccessApplication' }
    const richer = spec({ forwardAuth: { address: 'http://check' }, denyPage: { message: 'ask' } }, 'AccessApplication')
    expect(differs(application, richer)).toBe(false)
  })
})
