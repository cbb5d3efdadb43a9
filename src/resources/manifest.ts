import { Composer, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, Parser, visit } from 'yaml'
import { foreignKind, type Origin, type ReadObject, readObject } from './objects.ts'
import { type Path, type Problem, problem } from './problem.ts'
import { describeValue, fieldOf, isRecord } from './raw-value.ts'

const MOST_ALIASES = 100

/** One document of a manifest. */
export interface ReadDocument {
  readonly objects: readonly ReadObject[]
  /** Objects of other API groups, which are left alone. */
  readonly notices: readonly Notice[]
  /** The text is no YAML that can be relied on. Objects that can still be made out are there, and not valid. */
  readonly syntaxProblems: readonly Problem[]
}

export interface Notice {
  readonly line: number | undefined
  readonly text: string
}

/**
 * Reads a manifest, document by document, so that a caller can pause in between. It is YAML 1.2 (and so JSON) with every
 * key once and at most 100 aliases; a `List`, as `kubectl` prints one, counts as its items.
 *
 * @param file name for positions
 */
export function* readManifest(text: string, file: string): Generator<ReadDocument> {
  const lines = new LineCounter()
  const parser = new Parser(lines.addNewLine)
  const composer = new Composer({ uniqueKeys: false, stringKeys: true, prettyErrors: false, logLevel: 'error' })
  try {
    for (const token of parser.parse(text)) {
      for (const document of composer.next(token)) yield readDocument(document, lines, file)
    }
    for (const document of composer.end()) yield readDocument(document, lines, file)
  } catch (error) {
    const found = `YAML that cannot be read (${error instanceof Error ? error.message : 'unknown'})`
    yield { objects: [], notices: [], syntaxProblems: [problem([], found, 'plain YAML', () => undefined)] }
  }
}

function readDocument(document: Document, lines: LineCounter, file: string): ReadDocument {
  const lineOf = (path: Path) => lineIn(document, path, lines)
  const errors = document.errors.map(({ message, pos }) => ({ message, offset: pos[0] }))
  const syntaxProblems = [...errors, ...doubledKeys(document)].map(({ message, offset }) =>
    problem(
      [],
      `YAML that cannot be relied on: ${message}`,
      'YAML 1.2 with every key once',
      () => lines.linePos(offset).line,
    ),
  )
  let raw: unknown
  try {
    raw = document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (error) {
    const found = `YAML that cannot be expanded (${error instanceof Error ? error.message : 'unknown'})`
    syntaxProblems.push(problem([], found, `at most ${MOST_ALIASES} aliases, each of an anchor above it`, lineOf))
  }
  if (isList(raw) && !Array.isArray(fieldOf(raw, 'items'))) {
    syntaxProblems.push(problem(['items'], describeValue(fieldOf(raw, 'items')), 'the list that a List is', lineOf))
  }
  return { ...objectsIn(raw, { file, lineOf }, syntaxProblems), syntaxProblems }
}

function isList(raw: unknown): boolean {
  return fieldOf(raw, 'apiVersion') === 'v1' && fieldOf(raw, 'kind') === 'List'
}

function objectsIn(
  raw: unknown,
  origin: Origin,
  syntaxProblems: readonly Problem[],
): Omit<ReadDocument, 'syntaxProblems'> {
  const isUnreadable = syntaxProblems.length > 0 && !isRecord(raw)
  if (raw === null || raw === undefined || isUnreadable) return { objects: [], notices: [] }
  const objects: ReadObject[] = []
  const notices: Notice[] = []
  for (const { value, path } of items(raw)) {
    const lineOf = (below: Path) => origin.lineOf([...path, ...below])
    const foreign = foreignKind(value)
    if (foreign !== undefined) notices.push({ line: lineOf([]), text: `ignored: ${foreign}` })
    else objects.push(readObject(value, { file: origin.file, lineOf }, syntaxProblems))
  }
  return { objects, notices }
}

function items(raw: unknown): { value: unknown; path: Path }[] {
  if (!isList(raw)) return [{ value: raw, path: [] }]
  const list = fieldOf(raw, 'items')
  return (Array.isArray(list) ? list : []).map((value, index) => ({ value, path: ['items', index] }))
}

/** Looks for keys that stand in a mapping twice, in time that grows with the document alone. */
function doubledKeys(document: Document): { message: string; offset: number }[] {
  const found: { message: string; offset: number }[] = []
  visit(document, {
    Map(_, { items: pairs }) {
      const seen = new Set<unknown>()
      for (const { key } of pairs) {
        const name = isScalar(key) ? key.value : undefined
        if (isScalar(key) && seen.has(name))
          found.push({ message: `the key ${String(name)} stands there twice`, offset: key.range?.[0] ?? 0 })
        seen.add(name)
      }
    },
  })
  return found
}

/** The line of what stands at a path, or of the last thing on the way that there is. */
function lineIn(document: Document, path: Path, lines: LineCounter): number | undefined {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0]
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step)
      if (pair === undefined) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step]
      offset = rangeStart(node) ?? offset
    } else break
  }
  return offset === undefined ? undefined : lines.linePos(offset).line
}

function rangeStart(node: unknown): number | undefined {
  const range = fieldOf(node, 'range')
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
}
