import type { CreatedAt } from './age.ts'
import { type ClaimedDestination, claimedDestinations } from './claimed-destinations.ts'
import { type LineOf, type Problem, problem, problemsOf } from './problem.ts'
import { describeValue, fieldOf, isRecord } from './raw-value.ts'
import { type Kind, kinds, type ResourceObject } from './v1alpha1/index.ts'
import { DEFAULT_NAMESPACE, GROUP } from './v1alpha1/metadata.ts'

/** Where an object came from. */
export interface Origin {
  readonly file: string
  readonly lineOf: LineOf
}

/**
 * Where all objects come from. The API server tells their age, gives every name once, and says which are gone; files can
 * be read in part or hold one name twice.
 */
export type ObjectsFrom = 'Files' | 'ApiServer'

/** Place of an object in a file; the line counts from 1. */
export interface Position {
  readonly file: string
  readonly line: number | undefined
}

/** An object that has been read: valid, or with everything that is wrong with it. */
export interface ReadObject {
  /** As written; empty if that is no text. */
  readonly kind: string
  /** Undefined for a kind without namespaces, or if it cannot be read. */
  readonly namespace: string | undefined
  /** As written; empty if that is no text. */
  readonly name: string
  /** Undefined: not valid, and `problems` says why. */
  readonly object: ResourceObject | undefined
  readonly problems: readonly Problem[]
  /** What an object that is not valid was to protect, as far as that can be read. */
  readonly claims: readonly ClaimedDestination[]
  /** The object is not valid, and it is or may have been meant for an application. */
  readonly mayProtect: boolean
  /** It may protect more than its claims, which a less specific application could take over. */
  readonly isIncomplete: boolean
  readonly position: Position | undefined
  /** Undefined for an object from a file. */
  readonly createdAt: CreatedAt
}

/**
 * Reads one object of our group out of any value at all, and finds every problem at once.
 *
 * @param alreadyFound problems that the value's text had; with any, the object is not valid, and they are what to mend
 */
export function readObject(raw: unknown, origin?: Origin, alreadyFound: readonly Problem[] = []): ReadObject {
  const lineOf = origin?.lineOf ?? (() => undefined)
  const kind = textOf(fieldOf(raw, 'kind'))
  const { object, problems } = validated(raw, kind, lineOf)
  const isValid = object !== undefined && alreadyFound.length === 0
  const { claims, isComplete } = claimedDestinations(fieldOf(raw, 'spec'))
  const mayProtect = !isValid && (claims.length > 0 || kind === 'AccessApplication' || !isKind(kind))
  return {
    kind,
    namespace: namespaceOf(raw, kind),
    name: textOf(fieldOf(fieldOf(raw, 'metadata'), 'name')),
    object: isValid ? object : undefined,
    problems: alreadyFound.length > 0 ? alreadyFound : problems,
    claims: isValid ? [] : claims,
    mayProtect,
    isIncomplete: mayProtect && !isComplete && isMeantForUs(raw, kind),
    position: origin === undefined ? undefined : { file: origin.file, line: lineOf([]) },
    createdAt: undefined,
  }
}

/**
 * Names the kind of an object that belongs to another API group; undefined if it is ours, or not even an object. One of our
 * kinds is ours in any group: a group that is misspelt must not take an application away.
 */
export function foreignKind(raw: unknown): string | undefined {
  const apiVersion = fieldOf(raw, 'apiVersion')
  const kind = textOf(fieldOf(raw, 'kind'))
  if (typeof apiVersion !== 'string' || isKind(kind) || isOurGroup(apiVersion)) return undefined
  return `${kind || 'object'} of ${apiVersion}`
}

/** One word for an object: `AccessPolicy monitoring/engineers`. */
export function objectLabel({ kind, namespace, name }: Pick<ReadObject, 'kind' | 'namespace' | 'name'>): string {
  const path = namespace === undefined ? name : `${namespace}/${name || '(unnamed)'}`
  return `${kind || 'object'} ${path || '(unnamed)'}`
}

function validated(raw: unknown, kind: string, lineOf: LineOf): Pick<ReadObject, 'object' | 'problems'> {
  if (!isRecord(raw)) return refused(problem([], describeValue(raw), 'an object', lineOf))
  if (!isKind(kind)) {
    const expected = `one of ${Object.keys(kinds).join(', ')}`
    return refused(problem(['kind'], describeValue(fieldOf(raw, 'kind')), expected, lineOf))
  }
  const { schema } = kinds[kind]
  const result = schema.safeParse(raw)
  if (result.success) return { object: result.data, problems: [] }
  return { object: undefined, problems: problemsOf(result.error, raw, schema, lineOf) }
}

/** Not so the files of other tools that say neither kind nor group. */
function isMeantForUs(raw: unknown, kind: string): boolean {
  return !isRecord(raw) || isKind(kind) || isOurGroup(fieldOf(raw, 'apiVersion'))
}

function isOurGroup(apiVersion: unknown): boolean {
  return typeof apiVersion === 'string' && apiVersion.split('/', 1)[0] === GROUP
}

function refused(...problems: Problem[]): Pick<ReadObject, 'object' | 'problems'> {
  return { object: undefined, problems }
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(kinds, text)
}

function namespaceOf(raw: unknown, kind: string): string | undefined {
  if (isKind(kind) && kinds[kind].scope === 'Cluster') return undefined
  const metadata = fieldOf(raw, 'metadata')
  const namespace = fieldOf(metadata, 'namespace')
  if (namespace === undefined && (metadata === undefined || isRecord(metadata))) return DEFAULT_NAMESPACE
  return typeof namespace === 'string' ? namespace : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
