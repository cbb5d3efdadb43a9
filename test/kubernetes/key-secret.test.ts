import { describe, expect, test } from 'vitest'
import { keySecret, readKeySecret } from '../../src/kubernetes/key-secret.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { freshKeySet } from '../tokens/rings.ts'

const PLACE = { namespace: 'gatehouse-system', name: 'gatehouse-keys' }
const secretWith = (data: unknown): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: PLACE, data })
const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')
const set = await freshKeySet()
const spoilt = { ...set, signing: [{ ...set.signing[0], kid: 'with a canary' }], note: 1 }

describe('the Secret of the keys', () => {
  test.each<[string, KubeObject | undefined, string, string]>([
    ['does not exist', undefined, 'missing', 'does not exist'],
    ['has no data', secretWith(undefined), 'empty', 'has no data.keys.json'],
    ['has other data', secretWith({ other: encoded('x') }), 'empty', 'has no data.keys.json'],
    ['has an empty field', secretWith({ 'keys.json': '' }), 'empty', 'has no data.keys.json'],
    ['holds a number', secretWith({ 'keys.json': 7 }), 'unreadable', 'is not JSON'],
    ['holds no JSON', secretWith({ 'keys.json': encoded('canary{') }), 'unreadable', 'its data.keys.json is not JSON'],
    ['holds JSON of another kind', secretWith({ 'keys.json': encoded(['canary']) }), 'unreadable', '(top): '],
    [
      'holds a set with a flaw',
      secretWith({ 'keys.json': encoded(spoilt) }),
      'unreadable',
      'signing.0.kid: expected 8 to',
    ],
  ])('is told by what is wrong with it, never by what it holds: it %s', (_, secret, state, problem) => {
    const reading = readKeySecret(secret)
    expect(reading).toMatchObject({ state, problem: expect.stringContaining(problem) })
    expect(reading.set).toBeUndefined()
    expect(JSON.stringify(reading)).not.toContain('canary')
    expect(JSON.stringify(reading)).not.toContain(set.sealing[0]?.key)
  })

  test('is read back as it was written, beside whatever else it holds', () => {
    const fresh = keySecret(undefined, PLACE, set)
    expect(fresh).toMatchObject({ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: PLACE })
    expect(readKeySecret(fresh)).toEqual({ state: 'readable', set })
    const before = { ...secretWith({ other: 'eA==', 'keys.json': 'e30=' }), type: 'x/y', immutable: false }
    const after = keySecret({ ...before, metadata: { ...PLACE, resourceVersion: '7' } }, PLACE, set)
    expect(after).toMatchObject({
      type: 'x/y',
      immutable: false,
      metadata: { resourceVersion: '7' },
      data: { other: 'eA==' },
    })
    expect(readKeySecret(after)).toEqual({ state: 'readable', set })
  })
})
