import { z } from 'zod'

const SHAPE = /^(\d{1,9})(ms|s|m|h|d)$/
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * Reads a duration text such as `24h`, `90s` or `100ms`.
 *
 * @returns milliseconds, or undefined if the text is no duration
 */
export function readDuration(text: string): number | undefined {
  const [, amount, unit] = SHAPE.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
}

export interface DurationLimits {
  /** Unit of the parsed number; a text that is no whole number of it is refused. */
  readonly unit: 'ms' | 's'
  readonly min: string
  readonly max: string
}

/** A setting that is written as a duration text and parsed to a number in the given unit. */
export function duration({ unit, min, max }: DurationLimits) {
  const divisor = UNIT_MS[unit]
  const minMs = readDuration(min) ?? 0
  const maxMs = readDuration(max) ?? Number.POSITIVE_INFINITY
  const expects = `a duration from \`${min}\` to \`${max}\``
  return z
    .string()
    .refine(
      (text) => {
        const ms = readDuration(text)
        return ms !== undefined && ms >= minMs && ms <= maxMs && ms % divisor === 0
      },
      { error: expects },
    )
    .transform((text) => (readDuration(text) ?? 0) / divisor)
    .meta({ expects })
}
