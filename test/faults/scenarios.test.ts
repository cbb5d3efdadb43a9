import { describe, expect, test } from 'vitest'
import { scenarios } from '../../faults/scenarios/index.ts'

describe('the scenarios', () => {
  test('have names of their own', () => {
    const names = scenarios.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/)
  })

  test('say in words that fit a table what happens', () => {
    for (const { what } of scenarios) expect(what).toMatch(/^[^|\n]{10,160}$/)
  })

  test('that last for a minute are in the long run only', () => {
    expect(scenarios.filter(({ holdMs }) => holdMs > 20_000).every(({ rounds }) => rounds === 0)).toBe(true)
  })
})
