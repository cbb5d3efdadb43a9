import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeyFileError, keySetFromFile, parseKeySet } from '../../src/tokens/file.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { type KeySet, SIGNING_ALGORITHMS } from '../../src/tokens/key-set.ts'
import { observed } from '../observe/observed.ts'
import { freshKeySet, NOW } from './rings.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
})
afterEach(() => rm(directory, { recursive: true }))

function setUp(options: { create?: boolean; algorithm?: (typeof SIGNING_ALGORITHMS)[number] } = {}) {
  const file = join(directory, 'keys.json')
  const seen = observed()
  const keys = () =>
    keySetFromFile(file, {
      create: true,
      algorithm: 'ES256',
      events: seen.events,
      now: () => NOW,
      randomBytes,
      ...options,
    })
  return { file, seen, keys }
}

async function saved(file: string, content: unknown, mode = 0o600): Promise<void> {
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode })
  await chmod(file, mode)
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(KeyFileError)
  return (error as KeyFileError).message
}

describe('a key file that is not there', () => {
  test.each(SIGNING_ALGORITHMS)(
    'is made for %s, read back the same, and readable by its owner alone',
    async (algorithm) => {
      const { file, keys, seen } = setUp({ algorithm })
      const made = await keys()
      expect(made.signing).toMatchObject([{ algorithm, createdAt: new Date(NOW).toISOString() }])
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect(await keys()).toEqual(made)
      expect((await keyRing(made)).signing.algorithm).toBe(algorithm)
      expect(seen.lines().map(({ event }) => event)).toEqual(['keysCreated'])
      expect(await readdir(directory)).toEqual(['keys.json'])
    },
  )

  test('is made with that mode whatever the mask says', async () => {
    const before = process.umask?.(0)
    try {
      const { file, keys } = setUp()
      await keys()
      expect((await stat(file)).mode & 0o777).toBe(0o600)
    } finally {
      if (before !== undefined) process.umask(before)
    }
  })

  test('is not made if it may not be', async () => {
    const { keys } = setUp({ create: false })
    expect(await messageOf(keys())).toContain('keys.create is false')
    expect(await readdir(directory)).toEqual([])
  })

  test('is asked for once by each of two callers, who get the same keys', async () => {
    const { keys, seen } = setUp()
    const sets = await Promise.all([keys(), keys(), keys(), keys()])
    expect(new Set(sets.map(({ signing }) => signing[0]?.kid)).size).toBe(1)
    expect(seen.lines()).toHaveLength(1)
    expect(await readdir(directory)).toEqual(['keys.json'])
  })

  test('is made once if several processes start together', async () => {
    const { file } = setUp()
    const fixture = join(import.meta.dirname, 'fixtures', 'key-file.ts')
    const children = Array.from({ length: 3 }, () => fork(fixture, [file]))
    await Promise.all(children.map((child) => once(child, 'message')))
    const answers = await Promise.all(children.map(askForKeys))
    expect(new Set(answers.map(({ kid }) => kid)).size).toBe(1)
    expect(answers.map(({ created }) => created).reduce((sum, one) => sum + one)).toBe(1)
    expect(await readdir(directory)).toEqual(['keys.json'])
  })

  test('leaves no draft behind when it cannot be put in its place', async () => {
    const { file, keys } = setUp()
    await symlink(join(directory, 'nowhere'), file)
    expect(await messageOf(keys())).toContain('vanished')
    expect(await readdir(directory)).toEqual(['keys.json'])
  })
})

async function askForKeys(child: ChildProcess): Promise<{ kid: string; created: number }> {
  const answer = once(child, 'message')
  child.send('now')
  const [message] = await answer
  return message as { kid: string; created: number }
}

describe('a key file that is there', () => {
  test.each([0o604, 0o644, 0o602, 0o666, 0o601])('is refused if everybody may touch it (mode %o)', async (mode) => {
    const { file, keys } = setUp()
    await saved(file, await freshKeySet(), mode)
    expect(await messageOf(keys())).toContain('0600')
  })

  test.each([0o600, 0o400, 0o440, 0o640])('is read if everybody else may not (mode %o)', async (mode) => {
    const { file, keys } = setUp({ create: false })
    const set = await freshKeySet()
    await saved(file, set, mode)
    expect(await keys()).toEqual(set)
  })

  test('is never written to, sound or not', async () => {
    const { file, keys } = setUp()
    for (const content of ['', '{', '{"version":1}', 'canary']) {
      await saved(file, content)
      await messageOf(keys())
      expect(await readFile(file, 'utf8')).toBe(content)
    }
  })

  test('that is cut off anywhere is refused, and nothing of it is told', async () => {
    const { file, keys } = setUp()
    const text = JSON.stringify(await freshKeySet(), null, 2)
    const secrets = secretsIn(JSON.parse(text) as KeySet)
    for (let length = 0; length < text.length; length += 37) {
      await saved(file, text.slice(0, length))
      const message = await messageOf(keys())
      expect(message).toContain(file)
      for (const secret of secrets) expect(message).not.toContain(secret.slice(0, 6))
    }
  })

  test('that is a directory is an error, and not a reason to make keys', async () => {
    const seen = observed()
    await expect(
      keySetFromFile(directory, { create: true, algorithm: 'ES256', events: seen.events, now: () => NOW, randomBytes }),
    ).rejects.toThrow('EISDIR')
  })
})

describe('a key set', () => {
  test.each<[string, (set: KeySet) => unknown]>([
    ['null', () => null],
    ['a list', () => []],
    ['no version', ({ signing, sealing }) => ({ signing, sealing })],
    ['version 0', (set) => ({ ...set, version: 0 })],
    ['version 2', (set) => ({ ...set, version: 2 })],
    ['version "1"', (set) => ({ ...set, version: '1' })],
    ['a member that nobody knows', (set) => ({ ...set, more: 1 })],
    ['no signing keys', (set) => ({ ...set, signing: [] })],
    ['no sealing keys', (set) => ({ ...set, sealing: [] })],
    ['nine signing keys', (set) => ({ ...set, signing: Array.from({ length: 9 }, () => set.signing[0]) })],
    ['two signing keys of one name', (set) => ({ ...set, signing: [set.signing[0], set.signing[0]] })],
    ['two sealing keys of one name', (set) => ({ ...set, sealing: [set.sealing[0], set.sealing[0]] })],
    ['a name that is too short', (set) => signingWith(set, { kid: 'short' })],
    ['a name with a slash', (set) => signingWith(set, { kid: '../../etc/passwd' })],
    ['the algorithm none', (set) => signingWith(set, { algorithm: 'none' })],
    ['the algorithm HS256', (set) => signingWith(set, { algorithm: 'HS256' })],
    ['no time', (set) => signingWith(set, { createdAt: undefined })],
    ['a time that is none', (set) => signingWith(set, { createdAt: 'yesterday' })],
    ['a public key', (set) => signingWith(set, { key: { ...set.signing[0]?.key, d: undefined } })],
    ['a symmetric key', (set) => signingWith(set, { key: { kty: 'oct', k: 'AAAA', d: 'AAAA' } })],
    ['a key as a text', (set) => signingWith(set, { key: JSON.stringify(set.signing[0]?.key) })],
    ['a sealing key of 128 bits', (set) => sealingWith(set, { key: 'A'.repeat(22) })],
    ['a sealing key in another spelling', (set) => sealingWith(set, { key: `${'A'.repeat(43)}=` })],
    ['a sealing key with a line end', (set) => sealingWith(set, { key: `${'A'.repeat(43)}\n` })],
  ])('is refused with %s, and no key is told', async (_, change) => {
    const set = await freshKeySet()
    const text = JSON.stringify(change(set))
    const message = await messageOf((async () => parseKeySet(text, 'keys.set'))())
    expect(message).toContain('keys.set')
    for (const secret of secretsIn(set)) expect(message).not.toContain(secret)
  })

  test('is read as it was written', async () => {
    const set = await freshKeySet()
    expect(parseKeySet(JSON.stringify(set), 'keys.set')).toEqual(set)
  })
})

function signingWith(set: KeySet, parts: object): object {
  return { ...set, signing: set.signing.map((one) => ({ ...one, ...parts })) }
}

function sealingWith(set: KeySet, parts: object): object {
  return { ...set, sealing: set.sealing.map((one) => ({ ...one, ...parts })) }
}

function secretsIn(set: KeySet): string[] {
  return [...set.signing.map(({ key }) => String(key.d)), ...set.sealing.map(({ key }) => key)]
}
