import { test } from 'vitest'
import { expectAllKept } from './seeds.ts'

test('every promise is kept in the simulation, seeds 5001 to 10000', () => expectAllKept(5001, 5000), 300_000)
