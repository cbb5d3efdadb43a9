import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** Not ours, or made from what is ours; as in .gitignore. */
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'coverage', 'gatehouse.yaml', 'keys.json'])

/** The full path of a file of the repository. */
export function at(path: string): string {
  return join(root, path)
}

/** The text of a file of the repository. */
export function read(path: string): string {
  return readFileSync(at(path), 'utf8')
}

/** All files of the repository below a folder, as paths from the root with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(at(folder), { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.has(name) && !name.endsWith('.log'))
    .flatMap((entry) => {
      const path = relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')
      if (entry.isDirectory()) return filesBelow(path)
      return entry.isFile() ? [path] : []
    })
    .sort()
}
