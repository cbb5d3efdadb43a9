import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadDirectory, watchDirectory } from '../../src/resources/directory.ts'
import { objectLabel } from '../../src/resources/objects.ts'
import { problemText } from '../../src/resources/problem.ts'
import type { SourceSnapshot } from '../../src/resources/source.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { until } from '../parts/until.ts'

const group = (name: string, rule = 'everyone: {}') => `apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessGroup
metadata: { name: ${name} }
spec: { include: [{ ${rule} }] }
`
const provider = `apiVersion: access.gatehouse.dev/v1alpha1
kind: IdentityProvider
metadata: { name: staff }
spec:
  type: OIDC
  oidc: { issuer: https://login.example.com, clientID: a, clientSecretRef: { name: oidc, key: secret } }
`

const names = ({ objects }: SourceSnapshot) =>
  objects.filter(({ object }) => object !== undefined).map((one) => objectLabel(one).split('/')[1] ?? '')
const problems = (snapshot: SourceSnapshot) =>
  snapshot.problems.map((one) => `${one.file}:${one.line ?? ''}: ${problemText(one)}`)
const load = (directory: string) => loadDirectory({ directory, secretsDirectory: undefined })

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>
let directory: string
beforeEach(async () => {
  temporary = await temporaryDirectory('resources')
  directory = join(temporary.path, 'manifests')
  await mkdir(directory)
})
afterEach(() => temporary[Symbol.asyncDispose]())

const write = async (file: string, text: string | Uint8Array) => writeFile(join(directory, file), text)

describe('loading', () => {
  test('reads .yaml, .yml and .json files, in folders too, in the order of names', async () => {
    await mkdir(join(directory, 'more'))
    await write('b.yml', group('b'))
    await write('a.yaml', `${group('a1')}---\n${group('a2')}`)
    await write(
      'more/c.json',
      JSON.stringify({
        apiVersion: 'access.gatehouse.dev/v1alpha1',
        kind: 'AccessGroup',
        metadata: { name: 'c' },
        spec: { include: [{ everyone: {} }] },
      }),
    )
    await write('README.md', 'not a manifest')
    await write('.hidden.yaml', group('hidden'))
    const snapshot = await load(directory)
    expect(names(snapshot)).toEqual(['a1', 'a2', 'b', 'c'])
    expect(problems(snapshot)).toEqual([])
    expect(snapshot.objects.map(({ position }) => `${position?.file}:${position?.line}`)).toEqual([
      'a.yaml:1',
      'a.yaml:6',
      'b.yml:1',
      'more/c.json:1',
    ])
  })

  test('says file, line, path and expectation of a problem, and keeps the other objects', async () => {
    await write('a.yaml', `${group('good')}---\n${group('bad', 'email: x')}`)
    const snapshot = await load(directory)
    expect(names(snapshot)).toEqual(['good'])
    expect(problems(snapshot)).toEqual([
      'a.yaml:9: spec.include[0].email: found "x", expected one email address, such as ada@example.com',
    ])
    expect(snapshot.problems[0]?.object).toBe('AccessGroup default/bad')
    expect(snapshot.unread).toEqual([])
  })

  test('reads what is sound of a file that is not, says so once, and names the file as unread', async () => {
    await write('a.yaml', `${group('good')}---\n${group('bad')}spec: {}\n`)
    const snapshot = await load(directory)
    expect(names(snapshot)).toEqual(['good'])
    expect(problems(snapshot)).toHaveLength(1)
    expect(snapshot.unread).toEqual(['a.yaml'])
  })

  test('refuses a file over 4 MiB', async () => {
    await write('a.yaml', `${group('a')}#${'x'.repeat(4 * 1024 * 1024)}\n`)
    const snapshot = await load(directory)
    expect(snapshot.objects).toEqual([])
    expect(problems(snapshot)[0]).toMatch(/^a\.yaml:: found \d+ bytes, expected at most 4194304 bytes$/)
  })

  test('refuses a file that is no UTF-8', async () => {
    await write('a.yaml', Uint8Array.of(0x61, 0xff, 0xfe))
    expect(problems(await load(directory))[0]).toMatch(/cannot be read/)
  })

  test('reports a directory that does not exist, and a file that cannot be followed', async () => {
    expect(problems(await load(join(directory, 'gone')))[0]).toBe(
      '.:: found a directory that cannot be read (ENOENT), expected a directory of manifests',
    )
    await symlink('nowhere', join(directory, 'a.yaml'))
    expect(problems(await load(directory))[0]).toMatch(/^a\.yaml:: found a file that cannot be read \(ENOENT\)/)
  })

  test('does not follow a link back to where it stands', async () => {
    await symlink('.', join(directory, 'again'))
    await write('a.yaml', group('a'))
    expect(names(await load(directory))).toEqual(['a'])
  })

  test('reads secrets, without the line end, from the files that references name', async () => {
    const secrets = join(temporary.path, 'secrets')
    await mkdir(join(secrets, 'oidc'), { recursive: true })
    await writeFile(join(secrets, 'oidc', 'secret'), 's3cret\n')
    await write('a.yaml', provider)
    const { secret } = await loadDirectory({ directory, secretsDirectory: secrets })
    expect(secret({ name: 'oidc', key: 'secret' })).toBe('s3cret')
    expect(secret({ name: 'oidc', key: 'other' })).toBeUndefined()
    expect(secret({ name: '..', key: 'secret' })).toBeUndefined()
  })
})

describe('watching', () => {
  const watch = (secretsDirectory?: string) =>
    watchDirectory({ directory, secretsDirectory, pollIntervalMs: 10 }, (error) => {
      throw error
    })

  test('follows a file that is written, changed and removed', async () => {
    await using source = await watch()
    expect(names(source.current())).toEqual([])
    const seen: string[][] = []
    source.onChange((snapshot) => seen.push(names(snapshot)))
    await write('a.yaml', group('a'))
    await until('the file is there', () => names(source.current()).join() === 'a')
    await write('a.yaml', group('b'))
    await until('the change is there', () => names(source.current()).join() === 'b')
    await rm(join(directory, 'a.yaml'))
    await until('the file is gone', () => names(source.current()).join() === '')
    expect(seen).toEqual([['a'], ['b'], []])
  })

  test('reads only what has changed', async () => {
    await write('a.yaml', group('a'))
    await write('b.yaml', group('b'))
    await using source = await watch()
    const [before] = source.current().objects
    await write('b.yaml', group('c'))
    await until('the change is there', () => names(source.current()).join() === 'a,c')
    expect(source.current().objects[0]).toBe(before)
  })

  test('notices a change that leaves size and time as they were', async () => {
    await write('a.yaml', group('a'))
    const then = new Date(1_700_000_000_000)
    await utimes(join(directory, 'a.yaml'), then, then)
    await using source = await watch()
    await write('a.yaml', group('b'))
    await utimes(join(directory, 'a.yaml'), then, then)
    await until('the change is there', () => names(source.current()).join() === 'b')
  })

  test('keeps the last good objects of a file that cannot be parsed, and says so', async () => {
    await write('a.yaml', group('a'))
    await write('b.yaml', group('b'))
    await using source = await watch()
    await write('a.yaml', 'kind: [')
    await until('the problem is there', () => source.current().problems.length > 0)
    expect(names(source.current())).toEqual(['a', 'b'])
    expect(problems(source.current())[0]).toMatch(/^a\.yaml:1: found YAML that cannot be relied on/)
    expect(source.current().notices).toMatchObject([{ file: 'a.yaml' }])
    expect(source.current().unread).toEqual([])
    await write('a.yaml', 'kind: [[')
    await write('b.yaml', group('c'))
    await until('the other file has changed', () => names(source.current()).join() === 'a,c')
    await write('a.yaml', group('d'))
    await until('the file is mended', () => names(source.current()).join() === 'd,c')
    expect(problems(source.current())).toEqual([])
  })

  test('keeps everything when the directory goes away', async () => {
    await mkdir(join(directory, 'in'))
    await write('in/a.yaml', group('a'))
    await using source = await watch()
    await rename(directory, `${directory}-away`)
    await until('the problem is there', () => source.current().problems.length > 0)
    expect(names(source.current())).toEqual(['a'])
    await rename(`${directory}-away`, directory)
    await until('all is well', () => source.current().problems.length === 0)
    expect(names(source.current())).toEqual(['a'])
  })

  test('keeps the objects below a folder that cannot be read', async () => {
    const folder = join(directory, 'in')
    await mkdir(folder)
    await write('in/a.yaml', group('a'))
    await using source = await watch()
    await rename(folder, `${directory}-away`)
    await symlink('in', folder)
    await until('the problem is there', () => source.current().problems.length > 0)
    expect(names(source.current())).toEqual(['a'])
    expect(problems(source.current())[0]).toMatch(/^in:: found a directory that cannot be read \(ELOOP\)/)
    await rm(folder)
    await until('the folder is gone', () => names(source.current()).length === 0)
  })

  test('follows the links of a mounted ConfigMap, which change all at once', async () => {
    const version = async (name: string, text: string) => {
      await mkdir(join(directory, name))
      await write(`${name}/a.yaml`, group(`a-${text}`))
      await write(`${name}/b.yaml`, group(`b-${text}`))
    }
    await version('..2026_01', 'old')
    await symlink('..2026_01', join(directory, '..data'))
    await symlink('..data/a.yaml', join(directory, 'a.yaml'))
    await symlink('..data/b.yaml', join(directory, 'b.yaml'))
    await using source = await watch()
    expect(names(source.current())).toEqual(['a-old', 'b-old'])
    const seen: string[] = []
    source.onChange((snapshot) => seen.push(names(snapshot).join()))
    await version('..2026_02', 'new')
    await symlink('..2026_02', join(directory, '..data_tmp'))
    await rename(join(directory, '..data_tmp'), join(directory, '..data'))
    await until('the new version is there', () => seen.length > 0)
    expect(seen).toEqual(['a-new,b-new'])
  })

  test('notices a secret that comes, changes and goes', async () => {
    const secrets = join(temporary.path, 'secrets')
    const file = join(secrets, 'oidc', 'secret')
    const ref = { name: 'oidc', key: 'secret' }
    await write('a.yaml', provider)
    await using source = await watch(secrets)
    expect(source.current().secret(ref)).toBeUndefined()
    await mkdir(join(secrets, 'oidc'), { recursive: true })
    await writeFile(file, 'one')
    await until('the secret is there', () => source.current().secret(ref) === 'one')
    await writeFile(file, 'two')
    await until('the secret has changed', () => source.current().secret(ref) === 'two')
    await rm(file)
    await until('the secret is gone', () => source.current().secret(ref) === undefined)
  })

  test('says nothing any more once it is closed', async () => {
    const source = await watch()
    const seen: SourceSnapshot[] = []
    source.onChange((snapshot) => seen.push(snapshot))
    await source[Symbol.asyncDispose]()
    await write('a.yaml', group('a'))
    await using other = await watch()
    await write('b.yaml', group('b'))
    await until('another watcher has seen the change', () => names(other.current()).join() === 'a,b')
    expect(seen).toEqual([])
  })
})
