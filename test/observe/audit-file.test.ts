import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openAuditFile } from '../../src/observe/audit-file.ts'
import type { AuditSink } from '../../src/observe/audit-trail.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { until } from '../parts/until.ts'

let directory: { path: string } & AsyncDisposable
let clockMs: number
let troubles: (string | undefined)[]
let sink: AuditSink

beforeEach(async () => {
  directory = await temporaryDirectory('audit')
  clockMs = 0
  troubles = []
})
afterEach(async () => {
  await sink?.close().catch(() => undefined)
  await directory[Symbol.asyncDispose]()
})

const at = (name = 'audit.jsonl') => join(directory.path, name)
const linesOf = async (path: string) => (await readFile(path, 'utf8')).split('\n').filter(Boolean)

async function opened(path = at(), options: { longestQueueBytes?: number } = {}): Promise<AuditSink> {
  sink = await openAuditFile({
    path,
    monotonicMs: () => clockMs,
    onTrouble: (problem) => void troubles.push(problem),
    retryMs: 10,
    ...options,
  })
  return sink
}

async function untilWritten(path: string, count: number): Promise<string[]> {
  return until(`${count} lines are written`, async () => {
    const lines = await linesOf(path)
    return lines.length >= count && lines
  })
}

describe('an audit file', () => {
  test('is made for its owner alone', async () => {
    await opened()
    expect(((await stat(at())).mode & 0o777).toString(8)).toBe('600')
  })

  test('keeps its mode if it was there', async () => {
    await writeFile(at(), 'before\n')
    await chmod(at(), 0o640)
    await opened()
    expect(((await stat(at())).mode & 0o777).toString(8)).toBe('640')
  })

  test('is appended to, in the order of writing, all of it by the time it is closed', async () => {
    await writeFile(at(), 'before\n')
    const file = await opened()
    for (let i = 0; i < 5000; i++) expect(file.write(`{"line":${i},"pad":"${'x'.repeat(i % 300)}"}\n`)).toBe(true)
    expect(await file.close()).toBe(0)
    const [first, ...lines] = await linesOf(at())
    expect(first).toBe('before')
    expect(lines.map((line) => JSON.parse(line).line)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
    expect(file.write('late\n')).toBe(false)
  })

  test('is made anew once it has been moved away', async () => {
    const file = await opened()
    file.write('one\n')
    await untilWritten(at(), 1)
    await rename(at(), at('old'))
    file.write('two\n')
    await untilWritten(at('old'), 2)
    clockMs += 1_000
    file.write('three\n')
    expect(await untilWritten(at(), 1)).toEqual(['three'])
    expect(await linesOf(at('old'))).toEqual(['one', 'two'])
    expect(((await stat(at())).mode & 0o777).toString(8)).toBe('600')
  })

  test('is made anew once it has been deleted, and goes on where it was cut to nothing', async () => {
    const file = await opened()
    file.write('one\n')
    await untilWritten(at(), 1)
    await rm(at())
    clockMs += 1_000
    file.write('two\n')
    await until('it is there', () => untilWritten(at(), 1))
    await truncate(at(), 0)
    file.write('three\n')
    expect(await untilWritten(at(), 1)).toEqual(['three'])
  })

  test('that cannot be opened at the start is an error of the system', async () => {
    await expect(opened(join(at('nowhere'), 'audit.jsonl'))).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' })
    await expect(opened(directory.path)).rejects.toMatchObject({ code: 'EISDIR' })
  })
})

describe('a full disk', () => {
  test('is told of once; lines wait in memory and are all there when it has room again', async () => {
    await symlink('/dev/full', at())
    const file = await opened()
    const expected = Array.from({ length: 100 }, (_, i) => `line ${i}`)
    for (const line of expected) expect(file.write(`${line}\n`)).toBe(true)
    await until('trouble is told of', () => troubles.length > 0)
    expect(troubles).toEqual([expect.stringContaining('ENOSPC')])
    await symlink(at('roomy'), at('next'))
    await rename(at('next'), at())
    expect(await untilWritten(at('roomy'), 100)).toEqual(expected)
    await until('the end of the trouble is told of', () => troubles.length === 2)
    expect(troubles[1]).toBeUndefined()
    expect(await file.close()).toBe(0)
  })

  test('never holds more in memory than it may', async () => {
    await symlink('/dev/full', at())
    const file = await opened(at(), { longestQueueBytes: 1000 })
    const taken = Array.from({ length: 30 }, () => file.write(`${'x'.repeat(99)}\n`))
    expect(taken.filter(Boolean)).toHaveLength(10)
    expect(taken.slice(0, 10)).toEqual(Array(10).fill(true))
  })

  test('at the end is not waited for, and what it did not take is counted', async () => {
    await symlink('/dev/full', at())
    const file = await opened()
    for (const line of ['one', 'two', 'three']) file.write(`${line}\n`)
    expect(await file.close()).toBe(3)
  })
})

test('a folder that takes no new file keeps the old one going, and is told of', async () => {
  if (process.getuid?.() === 0) return
  const file = await opened()
  await rename(at(), at('old'))
  await chmod(directory.path, 0o500)
  clockMs += 1_000
  file.write('one\n')
  await until('trouble is told of', () => troubles.length > 0)
  await chmod(directory.path, 0o700)
  await untilWritten(at(), 1)
})

const module = new URL('../../src/observe/audit-file.ts', import.meta.url).href

for (const [title, end] of [
  ['calls exit', 'process.exit(3)'],
  ['dies of an error that nobody catches', 'setImmediate(() => { throw new Error("no") })'],
] as const) {
  test(`a process that ${title} leaves no line behind`, async () => {
    const program = `import { openAuditFile } from ${JSON.stringify(module)}
const file = await openAuditFile({ path: ${JSON.stringify(at())}, monotonicMs: () => 0, onTrouble() {} })
for (let i = 0; i < 1000; i++) file.write(i + '\\n')
${end}`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
    await once(child, 'exit')
    const lines = new Set(await linesOf(at()))
    expect([...lines]).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)))
  })
}
