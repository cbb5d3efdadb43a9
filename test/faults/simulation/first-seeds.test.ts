import { test } from 'vitest'
import { expectAllKept } from './seeds.ts'

// Half of them here, half in the file beside this one, so that two processes share the work.
test('every promise is kept in the simulation, seeds 1 to 5000', () => expectAllKept(1, 5000), 300_000)
