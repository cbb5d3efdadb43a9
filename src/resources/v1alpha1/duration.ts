import { z } from 'zod'
import { celMatches, celRules } from '../../policy/cel-rule.ts'

const SHAPE = /^(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?$/
const EXPECTED = 'expected a duration from 1m to 8760h, such as 24h or 30m'
const SHORTEST_SECONDS = 60
const LONGEST_SECONDS = 8760 * 3600

/** A duration as Go and Kubernetes write it, in hours, minutes and seconds: `24h`, `30m`, `1h30m`. */
export const durationText = z
  .string()
  .max(20)
  .refine((text) => isWithin(durationSeconds(text)), {
    error: EXPECTED,
  })
  .meta(
    celRules({
      rule: `self != '' && ${celMatches(SHAPE)} && duration(self) >= duration('1m') && duration(self) <= duration('8760h')`,
      message: EXPECTED,
    }),
  )

/** Seconds of a duration text; undefined if it is none. */
export function durationSeconds(text: string): number | undefined {
  const parts = SHAPE.exec(text)
  if (parts === null || text === '') return undefined
  const [, hours = '0', minutes = '0', seconds = '0'] = parts
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

function isWithin(seconds: number | undefined): boolean {
  return seconds !== undefined && seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS
}
