import { describe, expect, test } from 'vitest'
import { generator, openApi } from '../../scripts/generators/openapi.ts'
import { generators } from '../../scripts/generators.ts'
import { operations } from '../../src/admin/operations.ts'
import type { AdminPorts } from '../../src/admin/ports.ts'
import { routesOf } from '../../src/admin/routes.ts'
import { freshSid, sampleSession } from '../sessions/sample-session.ts'
import { assertDocumented } from './documented.ts'
import { startWorld } from './world.ts'

const document = openApi()
const documented = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
)

describe('the OpenAPI document', () => {
  test('is one of the generated files', () => {
    expect(generators).toContain(generator)
  })

  test('names each operation that the listener serves, and no other', () => {
    const served = routesOf({} as AdminPorts).map(({ name, method, path }) => ({ name, method, path: path.source }))
    expect(documented.map(({ operationId }) => operationId).sort()).toEqual(served.map(({ name }) => name).sort())
    expect(documented.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(operations).sort())
  })

  test.for(documented)('says of $operationId what is there', async ({ method, path }) => {
    await using world = await startWorld()
    const { status, body } = await world.call(path.replace('{sid}', freshSid()), { method })
    expect([404, 405].includes(status) && body.reason !== 'admin-unknown-session').toBe(false)
  })

  test('refers to nothing that it does not hold', () => {
    const text = JSON.stringify(document)
    for (const [, kind = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      expect(Object.keys((document.components as Record<string, object>)[kind] ?? {})).toContain(name)
    }
    expect(text).not.toContain('$defs')
  })

  test('declares every parameter of a path', () => {
    for (const { path, method } of documented) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const parameters = (document.paths[path]?.[method.toLowerCase()]?.parameters ?? []) as {
        in: string
        name: string
      }[]
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(names)
    }
  })
})

describe('the check of answers against the document', () => {
  const good = { status: 200, type: 'application/json', body: { state: 'current', size: 0 } }
  test.for([
    ['another status', { ...good, status: 201 }],
    ['another type', { ...good, type: 'text/plain' }],
    ['a field that is missing', { ...good, body: { size: 0 } }],
    ['a field that is not documented', { ...good, body: { ...good.body, token: 'x' } }],
    ['a field of another kind', { ...good, body: { state: 'current', size: '0' } }],
  ] as const)('finds %s', ([, answered]) => {
    const path = '/v1/revocations/status'
    expect(() => assertDocumented('GET', path, good)).not.toThrow()
    expect(() => assertDocumented('GET', path, answered)).toThrow()
  })
})

test('a list of everything that a session can have is as the document says', async () => {
  await using world = await startWorld()
  const bare = sampleSession({ clientAddress: undefined })
  await world.sessions.save({ ...bare, identity: { ...bare.identity, email: undefined, name: undefined } })
  await world.sessions.save(sampleSession())
  expect((await world.call('/v1/sessions?all=true&limit=1')).status).toBe(200)
  expect((await world.call('/v1/sessions?all=true')).body.sessions).toHaveLength(2)
})
