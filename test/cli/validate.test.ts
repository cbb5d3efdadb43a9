import { afterEach, beforeEach, expect, test } from 'vitest'
import { GOOD, workplace } from './workplace.ts'

let place: Awaited<ReturnType<typeof workplace>>
beforeEach(async () => {
  place = await workplace()
})
afterEach(() => place[Symbol.asyncDispose]())

const write = (text: string) => place.write('manifests/app.yaml', text)
const gatehouse = (...args: string[]) => place.gatehouse(...args)

const CONFIG = `auth: { url: https://auth.example.com }
namespace: shared
resources: { directory: manifests }
store: { type: Memory }
keys: { file: keys.json }
hostClaims: [{ host: app.example.com, namespace: others }]
`

test('validate exits 0 with a summary when all is well, without looking for secrets', async () => {
  await write(GOOD)
  expect(await gatehouse('validate', 'manifests', '--namespace', 'shared')).toEqual({
    code: 0,
    out: '4 objects, 4 in force, 0 to mend\n',
    err: '',
  })
})

test('validate prints every problem with file, line and path, then what objects make of each other, and exits 1', async () => {
  await write(GOOD.replace('emailDomain: example.com', 'emailDomian: example.com').replace('Bypass', 'Allow'))
  const { code, out } = await gatehouse('validate', 'manifests', '--auth-url', 'https://auth.example.com')
  expect(code).toBe(1)
  const lines = out.split('\n')
  expect(lines[0]).toMatch(
    /^manifests\/app\.yaml:11: spec\.include\[0\]\.emailDomian: found an unknown field, expected one of everyone, /,
  )
  expect(lines.slice(1)).toEqual([
    'manifests/app.yaml:1: AccessApplication apps/app: AuthHost: auth.example.com/x is the host of Gatehouse itself; give the app another',
    'manifests/app.yaml:1: AccessApplication apps/app: PolicyBroken: the policy apps/staff is not valid; shared/all is neither of this namespace nor of the system namespace, gatehouse',
    '4 objects, 2 in force, 2 to mend',
    '',
  ])
})

test('validate names what it leaves alone', async () => {
  await write('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n')
  expect(await gatehouse('validate', 'manifests')).toMatchObject({
    code: 0,
    out: 'manifests/app.yaml:1: ignored: ConfigMap of v1\n0 objects, 0 in force, 0 to mend\n',
  })
})

test('validate refuses an object of one of our kinds in a group that is not ours', async () => {
  await write(GOOD.replaceAll('gatehouse.dev', 'gatehouse.dv'))
  const { code, out } = await gatehouse('validate', 'manifests', '--namespace', 'shared')
  expect(code).toBe(1)
  expect(out).toMatch(
    /^manifests\/app\.yaml:1: apiVersion: found "access\.gatehouse\.dv\/v1alpha1", expected access\.gatehouse\.dev\/v1alpha1$/m,
  )
  expect(out).toMatch(/^4 objects, 0 in force, 4 to mend$/m)
})

test('validate takes host claims and the system namespace from the configuration', async () => {
  await write(GOOD)
  await place.write('gatehouse.yaml', CONFIG)
  const { code, out } = await gatehouse('validate', 'manifests', '--config', 'gatehouse.yaml')
  expect(out).toMatch(/AccessApplication apps\/app: HostNotGranted: app\.example\.com belongs to another namespace/)
  expect(out).not.toMatch(/system namespace/)
  expect(code).toBe(1)
})

test('validate exits 2 for a configuration that is not valid', async () => {
  await write(GOOD)
  await place.write('gatehouse.yaml', 'auth: { url: nonsense }\n')
  expect(await gatehouse('validate', 'manifests', '--config', 'gatehouse.yaml')).toMatchObject({ code: 2, out: '' })
})

test('validate exits 1 for a directory that is not there, 2 for wrong arguments', async () => {
  expect((await gatehouse('validate', 'nowhere')).code).toBe(1)
  expect((await gatehouse('validate')).code).toBe(2)
  expect((await gatehouse('validate', 'a', 'b')).code).toBe(2)
  expect((await gatehouse('validate', 'manifests', '--auth-url', 'nonsense')).code).toBe(2)
  expect((await gatehouse('validate', 'manifests', '--surprise')).code).toBe(2)
})

test('validate prints the audiences that origins verify, once it knows the auth host', async () => {
  await write(GOOD)
  expect(await gatehouse('validate', 'manifests', '--audiences')).toMatchObject({ code: 2, out: '' })
  const { out } = await gatehouse(
    'validate',
    'manifests',
    '--audiences',
    '--namespace',
    'shared',
    '--auth-url',
    'https://login.example.com',
  )
  expect(out).toMatch(/^apps\/app [0-9a-f]{64}$/m)
})
