import { until } from '../parts/until.ts'

/** At 20 ms each, more than the 100 ms for which nginx lets the workers of before a reload go on accepting. */
const TIMES = 10

/** As `until`, but the condition has to hold ten times in a row: old and new workers of a proxy answer by turns. */
export async function steadily(what: string, condition: () => Promise<boolean>): Promise<void> {
  let held = 0
  await until(`${what}, steadily`, async () => {
    held = (await condition()) ? held + 1 : 0
    return held >= TIMES
  })
}
