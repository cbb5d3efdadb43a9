import { expect, test } from 'vitest'
import { createCatalogueHolder, EMPTY_CATALOGUE } from '../../src/resources/catalogue.ts'

test('there is no catalogue, and no age, before the first', () => {
  const holder = createCatalogueHolder(() => 5)
  expect([holder.current(), holder.ageMs(), holder.generation()]).toEqual([undefined, undefined, 0])
})

test('a catalogue replaces the one before it, grows old, and is counted', () => {
  let now = 1000
  const holder = createCatalogueHolder(() => now)
  const second = { ...EMPTY_CATALOGUE }
  holder.replace(EMPTY_CATALOGUE)
  now += 50
  expect(holder.ageMs()).toBe(50)
  holder.replace(second)
  expect(holder.current()).toBe(second)
  expect([holder.ageMs(), holder.generation()]).toEqual([0, 2])
})

test('whoever listens hears of each new catalogue, when it is already the current one, until they stop', () => {
  const holder = createCatalogueHolder(() => 0)
  const heard: unknown[] = []
  const stop = holder.onChange((catalogue) => heard.push(catalogue === holder.current()))
  holder.replace(EMPTY_CATALOGUE)
  stop()
  holder.replace(EMPTY_CATALOGUE)
  expect(heard).toEqual([true])
})
