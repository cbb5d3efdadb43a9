import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Entry, formatEntry, HistoryError, parseHistory } from '../../faults/history.ts'
import { createRecorder } from '../../faults/recorder.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { check, dataLoss, fault, forcedLogin, mint, refresh, revoke, signIn, tried, world } from './sample-history.ts'

const everyKind: Entry[] = [
  world,
  signIn(1),
  signIn(2, 's2', { email: undefined, providerSid: undefined }),
  mint(3),
  revoke(4),
  check(5, 'r1', 'allow'),
  check(5, 'r2', 'allow', { version: 3 }),
  refresh(5),
  forcedLogin(6),
  tried(7, true),
  ...fault(8, 9),
  dataLoss(10),
  { kind: 'recovered', atMs: 11 },
]

test('a history is read as it was written', () => {
  expect(parseHistory(everyKind.map(formatEntry).join(''))).toEqual(everyKind)
  expect(parseHistory('')).toEqual([])
})

test.for([
  ['is cut off', formatEntry(world).slice(0, -5)],
  ['is no JSON', 'world\n'],
  ['is empty', '\n'],
  ['is of an unknown kind', '{"kind":"guess"}\n'],
  ['lacks a field', '{"kind":"recovered"}\n'],
  ['has a field too many', '{"kind":"recovered","atMs":1,"token":"secret"}\n'],
  ['has a moment that is none', '{"kind":"recovered","atMs":null}\n'],
])('a line that %s proves nothing, and is named', ([, line]) => {
  expect(() => parseHistory(formatEntry(world) + line)).toThrow(HistoryError)
  expect(() => parseHistory(formatEntry(world) + line)).toThrow('line 2')
})

test('a recorder writes what it remembers', async () => {
  await using directory = await temporaryDirectory('history')
  const file = join(directory.path, 'deep', 'history.jsonl')
  const recorder = createRecorder(file)
  for (const entry of everyKind) recorder.record(entry)
  expect(recorder.history()).toEqual(everyKind)
  recorder.close()
  recorder.close()
  expect(parseHistory(readFileSync(file, 'utf8'))).toEqual(everyKind)
  recorder.record(world)
  expect(recorder.history()).toHaveLength(everyKind.length + 1)
})

test('a recorder has all but the newest checks on disk at once', async () => {
  await using directory = await temporaryDirectory('history')
  const file = join(directory.path, 'history.jsonl')
  using recorder = createRecorder(file)
  recorder.record(check(1, 'r1', 'allow'))
  expect(readFileSync(file, 'utf8')).toBe('')
  recorder.record(world)
  expect(parseHistory(readFileSync(file, 'utf8'))).toHaveLength(2)
})

test('a recorder without a file remembers, and its clock never goes back', () => {
  using recorder = createRecorder()
  const moments = Array.from({ length: 100 }, recorder.now)
  expect(moments).toEqual(moments.toSorted((a, b) => a - b))
  recorder.record(world)
  expect(recorder.history()).toEqual([world])
})
