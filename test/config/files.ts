import type { ReadFile } from '../../src/config/file-values.ts'
import { type LoadResult, loadConfig } from '../../src/config/load.ts'

export const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

/** Reads from texts in memory, and fails for other paths as `node:fs` does. */
export function filesOf(files: Readonly<Record<string, string>>): ReadFile {
  return async (path) => {
    const content = files[path]
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return content
  }
}

/** Loads a configuration whose file stands at `/etc/gatehouse/gatehouse.yaml`. */
export function load(
  yaml: string | undefined,
  env: Record<string, string> = {},
  files: Record<string, string> = {},
): Promise<LoadResult> {
  const all = yaml === undefined ? files : { ...files, '/etc/gatehouse/gatehouse.yaml': yaml }
  return loadConfig({ file: undefined, cwd: '/etc/gatehouse', env, readFile: filesOf(all) })
}

/** The least that is needed, by top-level key, so that a test can replace one of them. */
export function minimal(parts: Readonly<Record<string, string>> = {}): string {
  const all = {
    auth: '{ url: https://auth.example.com }',
    resources: '{ directory: resources }',
    store: '{ type: Memory }',
    keys: '{ file: keys.json }',
    ...parts,
  }
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
}
