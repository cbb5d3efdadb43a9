import type { Notice, ReadDocument } from './manifest.ts'
import { objectLabel, type ReadObject } from './objects.ts'
import { type Problem, problem } from './problem.ts'
import type { SourceNotice, SourceProblem, SourceSnapshot } from './source.ts'

/** What one file of manifests comes to. */
export interface FileContent {
  readonly objects: readonly ReadObject[]
  readonly notices: readonly Notice[]
  /** Why the file as a whole cannot be relied on. Empty: it can. */
  readonly fileProblems: readonly Problem[]
}

/** A file that cannot be read at all, and why. */
export function unreadableFile(found: string, expected: string): FileContent {
  return { objects: [], notices: [], fileProblems: [problem([], found, expected, () => undefined)] }
}

/** Puts the documents of a file together. */
export function fileContent(documents: readonly ReadDocument[]): FileContent {
  return {
    objects: documents.flatMap(({ objects }) => objects),
    notices: documents.flatMap(({ notices }) => notices),
    fileProblems: documents.flatMap(({ syntaxProblems }) => syntaxProblems),
  }
}

/** A file over time. */
export interface FileState {
  /** What counts of it now. */
  readonly content: FileContent
  /** What it held when it could last be relied on. */
  readonly lastGood: FileContent | undefined
}

/**
 * A file that has been read anew. If it cannot be relied on, the objects of the last time when it could be stay; if there
 * was none, what can be made out of it counts.
 */
export function succeeding(before: FileState | undefined, now: FileContent): FileState {
  if (now.fileProblems.length === 0) return { content: now, lastGood: now }
  const lastGood = before?.lastGood
  if (lastGood === undefined) return { content: now, lastGood }
  const notice: Notice = { line: undefined, text: 'its objects stay as they were when it could last be read' }
  return { content: { objects: lastGood.objects, notices: [notice], fileProblems: now.fileProblems }, lastGood }
}

/** Puts files together. */
export function snapshotOf(files: ReadonlyMap<string, FileState>, secret: SourceSnapshot['secret']): SourceSnapshot {
  const objects: ReadObject[] = []
  const problems: SourceProblem[] = []
  const notices: SourceNotice[] = []
  const unread: string[] = []
  for (const [file, { content, lastGood }] of files) {
    if (lastGood === undefined) unread.push(file)
    const whole = new Set(content.fileProblems)
    objects.push(...content.objects)
    for (const one of whole) problems.push({ ...one, file, object: undefined })
    for (const object of content.objects) {
      for (const one of object.problems)
        if (!whole.has(one)) problems.push({ ...one, file, object: objectLabel(object) })
    }
    for (const notice of content.notices) notices.push({ ...notice, file })
  }
  return { objects, problems, notices, unread, secret }
}
