import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { type FileContent, type FileState, fileContent, snapshotOf, succeeding, unreadableFile } from './file-set.ts'
import { type ReadDocument, readManifest } from './manifest.ts'
import { type SecretReference, secretFile, secretReferences } from './secret-reference.ts'
import type { ResourceSource, SourceSnapshot } from './source.ts'

const MANIFEST = /\.(ya?ml|json)$/
const LARGEST_FILE_BYTES = 4 * 1024 * 1024
const LARGEST_SECRET_BYTES = 64 * 1024
const DEEPEST = 16
const SLICE_MS = 10
/** A file is read when nothing has changed for so long, so that nothing half-written is. */
const SETTLE_MS = 50
const MOST_ATTEMPTS = 20

export interface DirectorySettings {
  readonly directory: string
  /** Holds each secret as the file `<name>/<key>`; undefined: there are no secrets. */
  readonly secretsDirectory: string | undefined
}

/** What stands where, by path: changes whenever the content does. */
type Stamps = ReadonlyMap<string, string>

interface Reading {
  readonly stamps: Stamps
  readonly files: ReadonlyMap<string, FileState>
  readonly references: readonly SecretReference[]
  readonly snapshot: SourceSnapshot
}

/** Reads a directory of manifests once. What cannot be read is a problem in the snapshot and never an exception. */
export async function loadDirectory(settings: DirectorySettings): Promise<SourceSnapshot> {
  const { snapshot } = await readDirectory(settings, undefined)
  return snapshot
}

/**
 * Reads a directory of manifests, and again whenever a file of it or a secret changes. The files are looked at in turns,
 * not watched: that works on every file system and through the symbolic links of a mounted ConfigMap.
 *
 * @param settings.pollIntervalMs milliseconds between two looks
 * @param onError hears of a fault while looking; the snapshot stays as it is
 */
export async function watchDirectory(
  settings: DirectorySettings & { readonly pollIntervalMs: number },
  onError: (error: unknown) => void,
): Promise<ResourceSource> {
  const listeners = new Set<(snapshot: SourceSnapshot) => void>()
  let reading = await readDirectory(settings, undefined)
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  async function refresh(): Promise<void> {
    if (isSame(await stampsNow(settings, reading), reading.stamps)) return
    await pause(SETTLE_MS, undefined, { ref: false })
    reading = await readDirectory(settings, reading)
    if (isClosed) return
    for (const listener of listeners) listener(reading.snapshot)
  }
  function schedule(): NodeJS.Timeout {
    const next = setTimeout(() => {
      running = refresh()
        .catch(onError)
        .finally(() => {
          if (!isClosed) timer = schedule()
        })
    }, settings.pollIntervalMs)
    return next.unref()
  }
  let timer = schedule()

  return {
    current: () => reading.snapshot,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      clearTimeout(timer)
      await running
    },
  }
}

/** Reads until nothing changes meanwhile, so that no set is half old and half new. */
async function readDirectory(settings: DirectorySettings, before: Reading | undefined): Promise<Reading> {
  let reading = await readOnce(settings, before)
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
    if (isSame(await stampsNow(settings, reading), reading.stamps)) break
    await pause(SETTLE_MS, undefined, { ref: false })
    reading = await readOnce(settings, before)
  }
  return reading
}

async function readOnce(settings: DirectorySettings, before: Reading | undefined): Promise<Reading> {
  const found = await survey(settings.directory)
  const files = new Map<string, FileState>()
  for (const [directory, code] of found.unreadable) {
    for (const [file, state] of before?.files ?? []) if (isBelow(file, directory)) files.set(file, state)
    const problem = unreadableFile(`a directory that cannot be read (${code})`, 'a directory of manifests')
    files.set(directory, succeeding(before?.files.get(directory), problem))
  }
  for (const [file, stamp] of found.manifests) {
    const known = before?.files.get(file)
    const isUnchanged = known !== undefined && before?.stamps.get(file) === stamp
    files.set(file, isUnchanged ? known : succeeding(known, await readManifestFile(settings.directory, file)))
  }
  const references = secretReferences([...files.values()].flatMap(({ content }) => content.objects))
  const stamps = await stampsOf(found, settings.secretsDirectory, references)
  const secrets = await readSecrets(settings.secretsDirectory, references)
  const secret = (reference: SecretReference) => secrets.get(secretFile(reference) ?? '')
  return { stamps, files, references, snapshot: snapshotOf(files, secret) }
}

async function readManifestFile(directory: string, file: string): Promise<FileContent> {
  let text: string
  try {
    const path = join(directory, file)
    const { size } = await stat(path)
    if (size > LARGEST_FILE_BYTES) return unreadableFile(`${size} bytes`, `at most ${LARGEST_FILE_BYTES} bytes`)
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    return unreadableFile(`a file that cannot be read (${codeOf(error)})`, 'a readable file of UTF-8 text')
  }
  const documents: ReadDocument[] = []
  let sliceStart = performance.now()
  for (const document of readManifest(text, file)) {
    documents.push(document)
    if (performance.now() - sliceStart < SLICE_MS) continue
    await nextTurn()
    sliceStart = performance.now()
  }
  return fileContent(documents)
}

/** Looks at everything that the reading was made of, and at what has come since. */
async function stampsNow(settings: DirectorySettings, { references }: Reading): Promise<Stamps> {
  return stampsOf(await survey(settings.directory), settings.secretsDirectory, references)
}

async function stampsOf(
  { manifests, unreadable }: Survey,
  secretsDirectory: string | undefined,
  references: readonly SecretReference[],
): Promise<Stamps> {
  const stamps = new Map([...manifests, ...unreadable])
  for (const reference of references) {
    const file = secretFile(reference)
    if (file === undefined || secretsDirectory === undefined) continue
    const path = join(secretsDirectory, file)
    stamps.set(path, (await look(path)).stamp)
  }
  return stamps
}

interface Survey {
  /** Every manifest with its stamp, in the order of names. */
  readonly manifests: Map<string, string>
  /** Directories that cannot be read, with the error's code; `.` for the directory itself. */
  readonly unreadable: Map<string, string>
}

async function survey(directory: string): Promise<Survey> {
  const found: Survey = { manifests: new Map(), unreadable: new Map() }
  await collect(directory, '.', found, [(await look(directory)).id])
  return found
}

/** Hidden entries are left out, `..data` of a mounted ConfigMap among them, and so is a link back to where it stands. */
async function collect(
  root: string,
  directory: string,
  found: Survey,
  way: readonly (string | undefined)[],
): Promise<void> {
  let names: string[]
  try {
    if (way.length > DEEPEST) throw Object.assign(new Error('too deep'), { code: 'ELOOP' })
    names = await readdir(join(root, directory))
  } catch (error) {
    found.unreadable.set(directory, codeOf(error))
    return
  }
  for (const name of names.sort()) {
    if (name.startsWith('.')) continue
    const path = join(directory, name)
    const { id, isDirectory, stamp } = await look(join(root, path))
    if (isDirectory && !way.includes(id)) await collect(root, path, found, [...way, id])
    else if (!isDirectory && MANIFEST.test(name)) found.manifests.set(path, stamp)
    else if (id === undefined) found.unreadable.set(path, stamp)
  }
}

interface Look {
  /** Undefined: it cannot be looked at, and the stamp is the error's code. */
  readonly id: string | undefined
  readonly isDirectory: boolean
  readonly stamp: string
}

async function look(path: string): Promise<Look> {
  try {
    const found = await stat(path, { bigint: true })
    const id = `${found.dev}:${found.ino}`
    return { id, isDirectory: found.isDirectory(), stamp: `${id}:${found.size}:${found.mtimeNs}:${found.ctimeNs}` }
  } catch (error) {
    return { id: undefined, isDirectory: false, stamp: codeOf(error) }
  }
}

async function readSecrets(
  directory: string | undefined,
  references: readonly SecretReference[],
): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>()
  for (const reference of references) {
    const file = secretFile(reference)
    const value = file === undefined || directory === undefined ? undefined : await readSecret(join(directory, file))
    if (file !== undefined && value !== undefined) secrets.set(file, value)
  }
  return secrets
}

/** The value without a line end behind it; undefined if there is none, which the provider's status reports. */
async function readSecret(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path)
    if (!found.isFile() || found.size > LARGEST_SECRET_BYTES) return undefined
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '') || undefined
  } catch {
    return undefined
  }
}

function isBelow(file: string, directory: string): boolean {
  return directory === '.' || file.startsWith(`${directory}/`)
}

function isSame(left: Stamps, right: Stamps): boolean {
  return left.size === right.size && [...left].every(([path, stamp]) => right.get(path) === stamp)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
