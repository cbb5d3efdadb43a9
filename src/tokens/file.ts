import { constants } from 'node:fs'
import { access, link, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Events } from '../observe/events.ts'
import { type KeyEnvironment, type KeySet, newKeySet, type SigningAlgorithm } from './key-set.ts'
import { readKeySet } from './key-set-text.ts'

/** The keys cannot be read, or can be read by everybody on the machine. The service does not start with such keys. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
}

/** Reads a key set from its JSON text. Throws `KeyFileError` that says where the text is wrong, never what it says. */
export function parseKeySet(text: string, source: string): KeySet {
  const { set, problem } = readKeySet(text)
  if (set === undefined) throw new KeyFileError(`${source} ${problem}`)
  return set
}

/**
 * Reads the key file, and makes it first if it is not there and may be made (mode 0600). Two processes that start at once
 * end up with the same keys: the file appears whole or not at all, and whoever comes second reads what the first one made.
 */
export async function keySetFromFile(
  file: string,
  options: { readonly create: boolean; readonly algorithm: SigningAlgorithm; readonly events: Events } & KeyEnvironment,
): Promise<KeySet> {
  const existing = await readKeyFile(file)
  if (existing !== undefined) return existing
  if (!options.create) throw absentKeyFile(file)

  const draft = `${file}.${options.randomBytes(6).toString('hex')}.draft`
  const text = `${JSON.stringify(await newKeySet(options.algorithm, options), null, 2)}\n`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true })
    await link(draft, file)
    options.events.keysCreated({ file })
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  const made = await readKeyFile(file)
  if (made === undefined) throw new KeyFileError(`${file} vanished while it was being made`)
  return made
}

/**
 * Looks at the key file as the start does, and makes none.
 *
 * @throws KeyFileError if the start would; otherwise the system's error if it cannot be read, or not be made
 */
export async function checkKeyFile(file: string, { create }: { readonly create: boolean }): Promise<void> {
  if ((await readKeyFile(file)) !== undefined) return
  if (!create) throw absentKeyFile(file)
  await access(dirname(file), constants.W_OK | constants.X_OK)
}

function absentKeyFile(file: string): KeyFileError {
  return new KeyFileError(`${file} does not exist, and keys.create is false`)
}

async function readKeyFile(file: string): Promise<KeySet | undefined> {
  try {
    const text = await readFile(file, 'utf8')
    const { mode } = await stat(file)
    if ((mode & 0o007) !== 0) throw new KeyFileError(`${file} can be read by everybody; set its mode to 0600`)
    return parseKeySet(text, file)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
