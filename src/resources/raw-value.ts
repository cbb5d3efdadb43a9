const LONGEST_SHOWN = 60

/** Whether a value is an object with fields, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field of a value's own; undefined if there is none, or the value has no fields. */
export function fieldOf(value: unknown, name: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string | number, unknown>)[name]
}

/** A value that is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce(fieldOf, value)
}

/** What a value is, in few words. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(shortened(value))
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (isRecord(value)) return describeFields(Object.keys(value))
  return String(value)
}

function describeFields(fields: readonly string[]): string {
  return fields.length === 0 ? 'an empty object' : `an object with ${shortened(fields.join(', '))}`
}

function shortened(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}
