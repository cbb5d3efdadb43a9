import type { z } from 'zod'
import { describeValue, valueAt } from './raw-value.ts'
import { fieldNames } from './schema-shape.ts'

/** Something in an object that is not as it must be. */
export interface Problem {
  /** As in `spec.destinations[0].host`; empty for the object itself. */
  readonly path: string
  readonly found: string
  readonly expected: string
  /** Line of the file, from 1, where the object came from one. */
  readonly line: number | undefined
}

export type Path = readonly (string | number)[]

/** Answers the line that a path into an object stands in. */
export type LineOf = (path: Path) => number | undefined

/** What a schema found wrong with a value: every problem, in words that need no knowledge of the schema. */
export function problemsOf(error: z.ZodError, raw: unknown, schema: z.ZodType, lineOf: LineOf): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
    if (issue.code === 'unrecognized_keys') {
      const fields = fieldNames(schema, path)
      const expected = fields === undefined ? 'no such field' : `one of ${fields.join(', ')}`
      return issue.keys.map((key) => problem([...path, key], 'an unknown field', expected, lineOf))
    }
    return [problem(path, describeValue(valueAt(raw, path)), expectation(issue), lineOf)]
  })
}

/** Makes a problem of a path. */
export function problem(path: Path, found: string, expected: string, lineOf: LineOf): Problem {
  return { path: pathText(path), found, expected, line: lineOf(path) }
}

/** One line for a person: `spec.action: found "Alow", expected one of Allow, Deny`. */
export function problemText({ path, found, expected }: Problem): string {
  return `${path === '' ? '' : `${path}: `}found ${found}, expected ${expected}`
}

function pathText(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return `${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`
    case 'too_small':
      return `at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`
    case 'too_big':
      return `at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`
    case 'invalid_union':
      return [...new Set(issue.errors.flat().map(expectation))].join(' or ')
    default:
      return issue.message.replace(/^expected /, '')
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' }
