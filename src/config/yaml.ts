import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { Path } from './tree.ts'

/** A YAML text as plain data, and where its parts stand. */
export interface YamlText {
  readonly value: unknown
  /** Line, from 1, of the value at a path, or of the nearest thing above it that is there; undefined: nothing is. */
  lineOf(path: Path): number | undefined
}

/** Why a text is no YAML: a few words that quote nothing of it. */
export interface YamlProblem {
  readonly line: number
  readonly found: string
}

/** Codes of errors of which the parser says more than the code does, and quotes nothing of the text. */
const WITHOUT_QUOTES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'DUPLICATE_KEY',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'TAB_AS_INDENT',
])

/** Reads one YAML document; duplicate keys and unknown tags are problems. */
export function readYaml(text: string): YamlText | readonly YamlProblem[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    found: WITHOUT_QUOTES.has(code) ? message : code.toLowerCase().replaceAll('_', ' '),
  }))
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return
      problems.push({ line: lines.linePos(alias.range?.[0] ?? 0).line, found: 'alias without an anchor' })
    },
  })
  if (problems.length > 0) return problems
  return {
    value: document.toJS({ maxAliasCount: 100_000 }),
    lineOf(path) {
      const offset = offsetOf(document, path)
      return offset === undefined ? undefined : lines.linePos(offset).line
    },
  }
}

function offsetOf(document: Document.Parsed, path: Path): number | undefined {
  let node: Node | null | undefined = document.contents
  let offset: number | undefined
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    let next: unknown
    if (isMap<Node, Node | null>(node)) {
      const pair = node.items.find((item) => String(item.key) === key)
      offset = pair?.key.range?.[0] ?? offset
      next = pair?.value
    } else if (isSeq<Node>(node)) {
      next = node.items[Number(key)]
      offset = (next as Node | undefined)?.range?.[0] ?? offset
    }
    if (next === undefined) break
    node = next as Node | null
  }
  return offset
}
