import { defineConfig } from 'vitest/config'

/** Suites that keep several real programs busy at once: one file after the other, and after all others. */
const withRealPrograms = [
  'test/{proxies,browser,demo,examples,cluster,chart,replicas}/**/*.test.ts',
  'test/faults/harness.test.ts',
]
const fixtures = 'test/**/fixtures/**'

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    maxWorkers: 2,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [...withRealPrograms, fixtures],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: withRealPrograms,
          exclude: [fixtures],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
