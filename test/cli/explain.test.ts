import { afterEach, beforeEach, expect, test } from 'vitest'
import { GOOD, workplace } from './workplace.ts'

let place: Awaited<ReturnType<typeof workplace>>
beforeEach(async () => {
  place = await workplace()
})
afterEach(() => place[Symbol.asyncDispose]())

const write = (text: string) => place.write('manifests/app.yaml', text)

const explain = (url: string, ...more: string[]) =>
  place.gatehouse('explain', '--resources', 'manifests', '--namespace', 'shared', '--url', url, ...more)

test('explain prints the decision, and each policy asked with the verdict of each rule', async () => {
  await write(GOOD)
  const { code, out } = await explain('https://app.example.com/x?y', '--email', 'Ada@example.com', '--group', 'eng')
  expect(out).toBe(`decision     allow
reason       policy-allows: An Allow policy matches the signed-in identity.
application  apps/app
policy       apps/staff

shared/all  Bypass: fails
  include  method ["OPTIONS"]: fails

apps/staff  Allow: holds
  require  group {"name":"eng"}: holds
  include  emailDomain "example.com": holds
`)
  expect(code).toBe(0)
})

const explained: [title: string, args: string[], code: number, expected: RegExp][] = [
  ['somebody who is not allowed', ['https://app.example.com/', '--email', 'ada@example.com'], 1, /no-policy-matches/],
  ['nobody', ['https://app.example.com'], 1, /^decision {5}challenge\nreason {7}login-required/],
  ['another method', ['https://app.example.com/', '--method', 'OPTIONS'], 0, /policy-bypasses/],
  ['a host of no application', ['https://other.example.com/'], 1, /no-application/],
  ['a path that servers read differently', ['https://app.example.com/a/../b'], 1, /request-path-ambiguous/],
  ['a host that is none', ['https://a_b/'], 1, /request-host-invalid/],
  ['a path of the portal', ['https://app.example.com/.gatehouse/login'], 1, /portal-not-routed/],
  ['no address', ['app.example.com'], 2, /^$/],
  ['a claim without a value', ['https://app.example.com', '--claim', 'x'], 2, /^$/],
  ['a file that is not there', ['https://app.example.com', '--as', 'nobody.yaml'], 2, /^$/],
  ['a method that is none', ['https://app.example.com/', '--method', 'options'], 1, /request-method-invalid/],
]
for (const [title, [url = '', ...more], code, expected] of explained) {
  test(`explain exits ${code} for ${title}`, async () => {
    await write(GOOD)
    const result = await explain(url, ...more)
    expect(result.out).toMatch(expected)
    expect(result.code).toBe(code)
  })
}

const HOME = ['--url', 'https://app.example.com/']
const wrong: [title: string, args: string[], said: string][] = [
  [
    'an address that is none',
    [...HOME, '--client-address', '10.0.0'],
    '--client-address takes an IPv4 or IPv6 address',
  ],
  ['a range for an address', [...HOME, '--client-address', '10.0.0.0/8'], '--client-address takes an IPv4 or IPv6'],
  [
    'a provider that there is not',
    [...HOME, '--provider', 'stuff'],
    '--provider: there is no identity provider stuff; there is staff',
  ],
  ['such a provider in the file', [...HOME, '--as', 'ada.yaml'], '--as: there is no identity provider stuff'],
  [
    'a directory that is not there',
    [...HOME, '--resources', 'none'],
    '--resources: none: found a directory that cannot',
  ],
  ['a file for a directory', [...HOME, '--resources', 'ada.yaml'], '--resources: ada.yaml: found a directory that'],
  ['a person’s file that is not there', [...HOME, '--as', 'none.yaml'], '--as: none.yaml cannot be read (ENOENT)'],
  ['no URL', [], '--url is needed'],
]
for (const [title, args, said] of wrong) {
  test(`explain says what is wrong with ${title}, and exits 2`, async () => {
    await write(GOOD)
    await place.write('ada.yaml', 'provider: stuff\n')
    const result = await place.gatehouse('explain', '--resources', 'manifests', '--namespace', 'shared', ...args)
    expect(result).toEqual({ code: 2, out: '', err: expect.stringContaining(said) })
    expect(result.err).toMatch(/^[^\n]+\n$/)
  })
}

test('explain takes addresses of both kinds', async () => {
  await write(GOOD)
  for (const address of ['192.0.2.7', '2001:db8::1'])
    expect((await explain('https://app.example.com/', '--client-address', address)).code).toBe(1)
})

test('explain reads gatehouse.yaml unless it is told what to read', async () => {
  await write(GOOD)
  const config = ['auth: { url: https://auth.example.com }', 'store: { type: Memory }', 'keys: { file: keys.json }']
  await place.write(
    'gatehouse.yaml',
    [...config, 'namespace: shared', 'resources: { directory: manifests }'].join('\n'),
  )
  expect((await place.gatehouse('explain', ...HOME)).out).toMatch(/^decision {5}challenge/)
  const elsewhere = await place.gatehouse('explain', ...HOME, '--auth-url', 'https://auth.example.com')
  expect(elsewhere).toEqual({ code: 2, out: '', err: '--resources is needed: no configuration names a directory\n' })
})

test('explain reads a person from a file, and the command line goes before it', async () => {
  await write(GOOD)
  await place.write('ada.yaml', 'email: ada@example.com\ngroups: [eng]\nemailVerified: false\n')
  const unverified = await explain('https://app.example.com/', '--as', 'ada.yaml')
  expect(unverified.out).toMatch(/emailDomain "example.com": error, email-unverified/)
  await place.write('ada.yaml', 'email: ada@example.com\ngroups: [sales]\n')
  expect((await explain('https://app.example.com/', '--as', 'ada.yaml')).code).toBe(1)
  expect((await explain('https://app.example.com/', '--as', 'ada.yaml', '--group', 'eng')).code).toBe(0)
  await place.write('ada.yaml', 'mail: ada@example.com\n')
  expect((await explain('https://app.example.com/', '--as', 'ada.yaml')).code).toBe(2)
})

test('explain says that the directory has problems', async () => {
  await write(`${GOOD}---\nkind: AccessGroup\n`)
  expect((await explain('https://app.example.com/')).out).toMatch(/note {9}\d+ problems in manifests/)
})
