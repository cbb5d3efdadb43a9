import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A file of the repository as text. */
export function repositoryFile(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8')
}

/**
 * A documented configuration with its addresses, and nothing else, replaced by those of a test. Throws if it no longer
 * holds one of them, so that no test runs something else than what the guide shows.
 *
 * @param path below `manifests/proxies`
 */
export function documented(path: string, replacements: Readonly<Record<string, string>>): string {
  let configuration = repositoryFile(`manifests/proxies/${path}`)
  for (const [text, replacement] of Object.entries(replacements)) {
    if (!configuration.includes(text)) throw new Error(`${path} no longer says ${text}`)
    configuration = configuration.replaceAll(text, replacement)
  }
  return configuration
}
