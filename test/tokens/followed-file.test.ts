import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseKeySet } from '../../src/tokens/file.ts'
import { followKeyFile } from '../../src/tokens/followed-file.ts'
import type { KeySet } from '../../src/tokens/key-set.ts'
import { standardRotation } from '../../src/tokens/standard-rotation.ts'
import { standingClock } from '../contracts/clock.ts'
import { observed } from '../observe/observed.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { until } from '../parts/until.ts'
import { freshKeySet, NOW } from './rings.ts'

const DAY_MS = 86_400_000

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let followed: AsyncDisposableStack
beforeEach(async () => {
  directory = await temporaryDirectory('keys')
  followed = new AsyncDisposableStack()
})
afterEach(async () => {
  await followed.disposeAsync()
  await directory[Symbol.asyncDispose]()
})

async function replica(file: string, options: { rotates?: boolean; clock?: ReturnType<typeof standingClock> } = {}) {
  const { rotates = true, clock = standingClock(NOW) } = options
  const seen = observed()
  const environment = { now: clock.now, randomBytes }
  const keys = await followKeyFile(
    {
      file,
      set: parseKeySet(await readFile(file, 'utf8'), file),
      rotation: rotates ? standardRotation('ES256', 86_400, environment) : undefined,
      pollMs: 5,
      events: seen.events,
    },
    environment,
  )
  followed.defer(() => keys.close())
  return { keys, clock, seen }
}

const saved = async (file: string): Promise<KeySet> => parseKeySet(await readFile(file, 'utf8'), file)

async function keyFile(set?: KeySet): Promise<string> {
  const file = join(directory.path, 'keys.json')
  await writeFile(file, JSON.stringify(set ?? (await freshKeySet())), { mode: 0o600 })
  return file
}

test('another set in the file is in use a moment later', async () => {
  const file = await keyFile()
  const { keys } = await replica(file, { rotates: false })
  const other = await freshKeySet()
  await writeFile(file, JSON.stringify(other))
  await until('the other set is in use', () => keys.ring().signing.kid === other.signing[0]?.kid)
  expect(keys.ring().sealing.kid).toBe(other.sealing[0]?.kid)
})

test('a file that is spoilt or gone leaves the keys in use that were known, and is reported once', async () => {
  const file = await keyFile()
  const { keys, seen } = await replica(file)
  const { kid } = keys.ring().signing
  await writeFile(file, '{')
  await until('the file is called unreadable', () => seen.lines().some(({ event }) => event === 'keysUnreadable'))
  await directory[Symbol.asyncDispose]()
  await until('the file is called missing', () =>
    seen.lines().some(({ event, problem }) => event === 'keySecretTrouble' && problem === 'ENOENT'),
  )
  expect(keys.ring().signing.kid).toBe(kid)
  await mkdir(directory.path)
})

test('a file that can be read again is reported, too', async () => {
  const file = await keyFile()
  const { seen } = await replica(file, { rotates: false })
  const text = await readFile(file, 'utf8')
  await writeFile(file, '{')
  await until('it is unreadable', () => seen.lines().some(({ event }) => event === 'keysUnreadable'))
  await writeFile(file, text)
  await until('it is told', () =>
    seen.lines().some(({ event, level }) => event === 'keySecretTrouble' && level === 'info'),
  )
})

test('after six weeks a next key is published, a day later it signs, and the earlier one goes when nothing of it can count', async () => {
  const file = await keyFile()
  const { keys, clock } = await replica(file)
  const first = keys.ring().signing.kid
  clock.advance(42 * DAY_MS)
  await until('the next key is published', () => keys.ring().verifying.size === 2)
  expect(keys.ring().signing.kid).toBe(first)
  clock.advance(DAY_MS)
  await until('the next key signs', () => keys.ring().signing.kid !== first)
  expect(keys.ring().verifying.has(first)).toBe(true)
  expect(keys.ring().opening.size).toBe(2)
  clock.advance(3 * DAY_MS)
  await until('the earlier key is gone', () => !keys.ring().verifying.has(first))
  expect(keys.ring().opening.size).toBe(1)
  expect(await readdir(directory.path)).toEqual(['keys.json'])
})

test('three replicas that turn the keys of one file at the same time end up with the same ones', async () => {
  const file = await keyFile()
  const clock = standingClock(NOW)
  const replicas = await Promise.all([1, 2, 3].map(() => replica(file, { clock })))
  const known = () => replicas.map(({ keys }) => [...keys.ring().verifying.keys()].join(' '))
  const agreed = async (signing: number) => {
    await until('all have what the file has', async () => {
      const inFile = (await saved(file)).signing.map(({ kid }) => kid).join(' ')
      return inFile.split(' ').length === signing && known().every((kids) => kids === inFile)
    })
  }
  clock.advance(42 * DAY_MS)
  await agreed(2)
  clock.advance(DAY_MS)
  await agreed(2)
  expect(new Set(replicas.map(({ keys }) => keys.ring().signing.kid)).size).toBe(1)
})

test('a file behind a link is replaced where it lies', async () => {
  const file = await keyFile()
  const link = join(directory.path, 'link.json')
  await symlink(file, link)
  const { keys, clock } = await replica(link)
  clock.advance(42 * DAY_MS)
  await until('the link’s file has two keys', () => keys.ring().verifying.size === 2)
  expect((await saved(file)).signing).toHaveLength(2)
})
