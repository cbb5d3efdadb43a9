import { z } from 'zod'

/**
 * The schema of a text of any characters, bounded in characters (code points) as the API server counts them; zod counts
 * UTF-16 units, of which an emoji has two.
 *
 * @param least fewest characters
 * @param most most characters
 */
export function text(least: number, most: number): z.ZodString {
  return z
    .string()
    .check(({ value, issues }) => {
      const length = lengthOf(value)
      const about = { origin: 'string', inclusive: true, input: value } as const
      if (length < least) issues.push({ code: 'too_small', minimum: least, ...about })
      if (length > most) issues.push({ code: 'too_big', maximum: most, ...about })
    })
    .meta({ ...(least > 0 ? { minLength: least } : {}), maxLength: most })
}

function lengthOf(value: string): number {
  let length = 0
  for (const _ of value) length += 1
  return length
}
