import { describeFound, type Problem } from './problem.ts'
import { settings } from './settings.ts'
import { isTree, type Path, removeValueAt, setValueAt, type Tree, valueAt } from './tree.ts'

/** Reads a file as UTF-8 text; rejects with an error that has a `code`, as `node:fs` does. */
export type ReadFile = (path: string) => Promise<string>

/** Stands where a value would be whose file has a problem of its own, so that nothing else is said about it. */
export const REPORTED: unique symbol = Symbol('reported')

/** A value that came from a file of its own. */
export interface FileValue {
  /** The setting that the value is for, and the one that named the file. */
  readonly path: Path
  readonly namedBy: Path
  readonly file: string
}

/**
 * Replaces every `<name>File` by the `<name>` with what the file holds, minus one newline at its end. Of a file that is
 * followed later on the path stays too.
 *
 * @param sourceOf where a setting stands, for the problems
 */
export async function readFileValues(
  tree: Tree,
  readFile: ReadFile,
  sourceOf: (path: Path) => string,
): Promise<{ fileValues: FileValue[]; problems: Problem[] }> {
  const fileValues: FileValue[] = []
  const problems: Problem[] = []
  for (const { path, name, holds, expects, isFollowed } of settings()) {
    const file = valueAt(tree, path)
    if (holds === undefined || file === undefined) continue
    const refuse = (found: string, expected: string) => {
      problems.push({ path: name, source: sourceOf(path), found, expected })
      setValueAt(tree, holds, REPORTED)
    }
    removeValueAt(tree, path)
    const plainName = holds.at(-1)
    if (valueAt(tree, holds) !== undefined) {
      refuse(`both \`${plainName}\` and \`${path.at(-1)}\``, 'one of them')
    } else if (typeof file !== 'string' || file === '') {
      refuse(describeFound(file, false), expects)
    } else {
      const read = await attempt(readFile, file)
      if ('trouble' in read) refuse(`${JSON.stringify(file)}, ${read.trouble}`, 'a file that can be read')
      else {
        setValueAt(tree, holds, read.content.replace(/\r?\n$/, ''))
        if (isFollowed) setValueAt(tree, path, file)
        fileValues.push({ path: holds, namedBy: path, file })
      }
    }
  }
  return { fileValues, problems }
}

/** Reads a file, or says in a few words why it cannot be read. */
export async function attempt(
  readFile: ReadFile,
  file: string,
): Promise<{ readonly content: string } | { readonly trouble: string; readonly code: string }> {
  try {
    return { content: await readFile(file) }
  } catch (error) {
    const code = isTree(error) ? error.code : undefined
    if (typeof code !== 'string') throw error
    return { code, trouble: TROUBLES[code] ?? `which cannot be read (${code})` }
  }
}

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'which does not exist',
  EACCES: 'which this user may not read',
  EISDIR: 'which is a folder',
}
