import type { ReadObject } from './objects.ts'
import type { Problem } from './problem.ts'
import type { SecretReference } from './secret-reference.ts'

/** A problem and where it is. */
export interface SourceProblem extends Problem {
  readonly file: string
  /** As `AccessPolicy monitoring/engineers`; undefined where the file itself is the problem. */
  readonly object: string | undefined
}

export interface SourceNotice {
  readonly file: string
  readonly line: number | undefined
  readonly text: string
}

/** All objects of a source as they were at one moment, for `compile`. */
export interface SourceSnapshot {
  readonly objects: readonly ReadObject[]
  /** Everything wrong with files and objects on their own, in the order of files and lines. */
  readonly problems: readonly SourceProblem[]
  readonly notices: readonly SourceNotice[]
  /** Files that could not be relied on yet: what they were to shut may stand open. Not ready while there are any. */
  readonly unread: readonly string[]
  /** The value that a reference names; undefined if there is none. */
  readonly secret: (reference: SecretReference) => string | undefined
}

/** Where objects come from. */
export interface ResourceSource<Snapshot extends SourceSnapshot = SourceSnapshot> extends AsyncDisposable {
  readonly current: () => Snapshot
  /** @returns a function that ends the listening */
  readonly onChange: (listener: (snapshot: Snapshot) => void) => () => void
}
