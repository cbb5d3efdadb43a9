import { createHash, timingSafeEqual } from 'node:crypto'
import { open, readlink } from 'node:fs/promises'

const SHAPE = /^[\x21-\x7e]{32,1000}$/
const FEWEST_CHARACTERS = 10

/** What stands in the token's file, as it is now. */
export type TokenFile =
  | { readonly isUsable: true; readonly accepts: (token: string) => boolean }
  | { readonly isUsable: false; readonly problem: string }

/**
 * Reads the file of the bearer token. It is read at each request, so that a token can be replaced, or taken away, at any
 * moment. One that everybody on the machine can read is not used, except where Kubernetes has mounted it: a container has
 * no other users.
 *
 * @param isPlaceholder whether a text stands in examples for a real secret
 */
export async function readTokenFile(file: string, isPlaceholder: (text: string) => boolean): Promise<TokenFile> {
  const found = await contentOf(file)
  if ('code' in found) return { isUsable: false, problem: `${file} cannot be read (${found.code})` }
  const { token, mode } = found
  if ((mode & 0o007) !== 0 && !(await isMounted(file)))
    return { isUsable: false, problem: `${file} can be read by everybody; set its mode to 0600` }
  const problem = problemOf(token, isPlaceholder)
  if (problem !== undefined) return { isUsable: false, problem: `${file} has to hold ${problem}` }
  const wanted = digestOf(token)
  // Digests have one length, so the comparison takes the same time whatever is given.
  return { isUsable: true, accepts: (given) => timingSafeEqual(digestOf(given), wanted) }
}

/** What stands in the file, and the mode of that very file, which may be replaced at any moment. */
async function contentOf(
  file: string,
): Promise<{ readonly token: string; readonly mode: number } | { readonly code: string }> {
  try {
    const handle = await open(file)
    try {
      const { mode } = await handle.stat()
      return { token: (await handle.readFile('utf8')).replace(/\r?\n$/, ''), mode }
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return { code: error.code }
    throw error
  }
}

/** https://kubernetes.io/docs/concepts/configuration/secret/: each key is a link into the folder of the current version. */
async function isMounted(file: string): Promise<boolean> {
  return (await readlink(file).catch(() => '')).startsWith('..data/')
}

function problemOf(token: string, isPlaceholder: (text: string) => boolean): string | undefined {
  if (!SHAPE.test(token)) return 'a token of 32 to 1000 printable ASCII characters without blanks'
  if (isPlaceholder(token)) return 'a token of your own in place of the placeholder'
  if (new Set(token).size < FEWEST_CHARACTERS) return `a token of at least ${FEWEST_CHARACTERS} different characters`
  return undefined
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
