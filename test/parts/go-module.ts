import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const MODULES = join(import.meta.dirname, '..', 'programs')

/** A Go module of ours that pins one program of somebody else's. */
export interface GoModule {
  readonly name: string
  readonly folder: string
  /** The import path of the program. */
  readonly command: string
  /** The version of the module that the program is part of. */
  readonly version: string
  /** The oldest Go that builds it, e.g. `1.26.0`. */
  readonly go: string
}

/** Reads the module of this name in test/programs. Throws an Error if go.mod or tools.go is not as expected. */
export function goModule(name: string): GoModule {
  const folder = join(MODULES, name)
  const read = (file: string, pattern: RegExp) => {
    const found = pattern.exec(readFileSync(join(folder, file), 'utf8'))?.[1]
    if (found === undefined) throw new Error(`${join(folder, file)} has nothing that matches ${pattern}`)
    return found
  }
  return {
    name,
    folder,
    command: read('tools.go', /^import _ "(\S+)"$/m),
    version: read('go.mod', /^require \S+ (v\S+)$/m),
    go: read('go.mod', /^go (\S+)$/m),
  }
}

/** Where the built program of this version is kept; by GATEHOUSE_PROGRAMS, else in the user's cache. */
export function programFolder({ name, version }: GoModule, env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(env.GATEHOUSE_PROGRAMS || join(cache, 'gatehouse', 'programs'), `${name}-${version}`)
}
