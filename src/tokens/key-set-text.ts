import { type KeySet, keySetSchema } from './key-set.ts'

/** A key set, or what is wrong with the text that was to be one: where, and never what it says. */
export type KeySetReading =
  | { readonly set: KeySet; readonly problem?: undefined }
  | { readonly set?: undefined; readonly problem: string }

/** Reads a key set from its JSON text. */
export function readKeySet(text: string): KeySetReading {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { problem: 'is not JSON' }
  }
  const parsed = keySetSchema.safeParse(json)
  if (parsed.success) return { set: parsed.data }
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(top)'}: ${message}`)
  return { problem: `is not a key set: ${problems.join('; ')}` }
}
