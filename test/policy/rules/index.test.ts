import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { UNKNOWN } from '../../../src/policy/rule.ts'
import { ruleKinds } from '../../../src/policy/rules/index.ts'
import { NOW, ruleOf, sampleRequest } from '../sample.ts'

const SETTINGS: Readonly<Record<string, unknown>> = {
  everyone: {},
  email: 'ada@example.com',
  emails: ['ada@example.com'],
  emailDomain: 'example.com',
  group: { name: 'engineering' },
  claim: { name: 'department', value: 'research' },
  identityProvider: 'corporate',
  ip: ['192.0.2.0/24'],
  method: ['GET'],
}

describe('ruleKinds', () => {
  test('lists every file of the folder once', () => {
    const files = readdirSync(new URL('../../../src/policy/rules', import.meta.url)).filter(
      (file) => file !== 'index.ts',
    )
    const names = ruleKinds.map(({ name }) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`)
    expect(names.toSorted()).toEqual(files.toSorted())
  })

  test.each(ruleKinds.map(({ name, schema }) => [name, schema] as const))('%s describes itself', (_, schema) => {
    expect(schema.description).toMatch(/^[A-Z].*\.$/)
  })

  test.each(Object.entries(SETTINGS))('%s knows nothing of nobody exactly if it needs an identity', (name, setting) => {
    const rule = ruleOf(name, setting)
    const verdict = rule.test({ request: sampleRequest(), identity: undefined, now: NOW })
    expect(verdict === UNKNOWN).toBe(rule.needsIdentity)
  })
})
