import { isDestinationPath } from '../../resources/v1alpha1/destination.ts'

/** Of a destination's path, in characters. What is longer is not looked at. */
export const LONGEST_PATH = 1024

const SPECIAL = /[\\^$.*+?()[\]{}|]/
const QUANTIFIER = /[?*+{]/
/** What may follow a whole segment: the end, or a slash, perhaps in a group. */
const SEGMENT_ENDS = /^(?:$|\$|\/|\((?:\?:)?[/$])/

/**
 * The path prefix, by whole segments, that every path begins with which a regular expression matches at its beginning:
 * `/api` for `/api(/|$)(.*)`, `/` for `/v[0-9]+/users`.
 */
export function literalPrefix(expression: string): string {
  const text = expression.slice(0, LONGEST_PATH).replace(/^\^/, '')
  if (hasAlternatives(text)) return '/'
  const { literal, rest } = literalStart(text)
  return readableParent(
    SEGMENT_ENDS.test(rest) || literal.endsWith('/') ? literal : literal.slice(0, literal.lastIndexOf('/') + 1),
  )
}

/** The longest prefix of a path, by whole segments, that may stand as a destination. */
export function readableParent(path: string): string {
  const segments = path.slice(1, LONGEST_PATH).replace(/\/$/, '').split('/')
  const end = segments.findIndex((segment) => segment === '' || !isDestinationPath(`/${segment}`))
  return `/${segments.slice(0, end === -1 ? segments.length : end).join('/')}`
}

/** Reads up to the first character that is no plain one, or that need not be there. */
function literalStart(text: string): { readonly literal: string; readonly rest: string } {
  let literal = ''
  let position = 0
  while (position < text.length) {
    const isEscaped = text[position] === '\\' && /[^a-z0-9]/i.test(text[position + 1] ?? 'a')
    const character = text[position + (isEscaped ? 1 : 0)] ?? ''
    if (!isEscaped && SPECIAL.test(character)) break
    const next = position + (isEscaped ? 2 : 1)
    if (QUANTIFIER.test(text[next] ?? '')) break
    literal += character
    position = next
  }
  return { literal, rest: text.slice(position) }
}

/** Whether there is a `|` outside of any group: what stands before it says nothing about what stands after. */
function hasAlternatives(text: string): boolean {
  let depth = 0
  for (const part of text.match(/\\.|\[\^?\]?[^\]]*\]|[()|]/g) ?? []) {
    if (part === '(') depth += 1
    else if (part === ')') depth -= 1
    else if (part === '|' && depth <= 0) return true
  }
  return false
}
