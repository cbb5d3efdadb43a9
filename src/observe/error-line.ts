import { safeText } from './redact.ts'

/** What a log line says about something that was thrown. */
export interface ErrorLine {
  readonly name: string
  /** The stable reason of an error of ours. */
  readonly reason?: string
  /** The system's or a package's code, such as `ECONNREFUSED`. */
  readonly code?: string
  readonly message?: string
  readonly stack?: string
  readonly cause?: ErrorLine
}

const DEEPEST_CAUSE = 3
const WORD = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/**
 * Says what was thrown without giving away what it holds: class, reason, code, and scrubbed texts. Other properties are left
 * out, since packages hang whole requests and responses on their errors. Of a thrown thing that is no error, only the type
 * is told.
 */
export function errorLine(error: unknown, depth = 0): ErrorLine {
  if (!(error instanceof Error)) return { name: typeof error }
  return {
    name: word(error.name) ?? 'Error',
    ...optional('reason', word(property(error, 'reason'))),
    ...optional('code', word(property(error, 'code'))),
    ...optional('message', typeof error.message === 'string' ? safeText(error.message) : undefined),
    ...optional('stack', frames(error.stack)),
    ...optional('cause', causeOf(error, depth)),
  }
}

function causeOf(error: Error, depth: number): ErrorLine | undefined {
  if (depth >= DEEPEST_CAUSE) return undefined
  const cause = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined)
  return cause === undefined || cause === null ? undefined : errorLine(cause, depth + 1)
}

/** The frames alone: what stands above them is the message again. */
function frames(stack: unknown): string | undefined {
  if (typeof stack !== 'string') return undefined
  const lines = stack
    .slice(0, 8_000)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
  return safeText(lines.slice(0, 20).join('\n'), 4_000)
}

function property(error: Error, key: string): unknown {
  return Reflect.get(error, key)
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && WORD.test(value) && safeText(value) === value ? value : undefined
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value })
}
