import { readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import type { Events } from '../observe/events.ts'
import { createCurrentKeys } from './current-keys.ts'
import type { KeyRing } from './key-ring.ts'
import type { KeyEnvironment, KeySet } from './key-set.ts'
import { readKeySet } from './key-set-text.ts'
import { type Rotation, rotated } from './rotation.ts'

export interface FollowedFileSettings {
  readonly file: string
  /** What the file said at start. */
  readonly set: KeySet
  /** How the keys take turns; undefined: somebody else sees to that. */
  readonly rotation: Omit<Rotation, 'now'> | undefined
  /** How often the file is looked at, in milliseconds. */
  readonly pollMs: number
  readonly events: Pick<Events, 'keysReplaced' | 'keysUnreadable' | 'keysWritten' | 'keySecretTrouble'>
}

/** The keys of a file, as it is now. */
export interface FollowedFile {
  readonly ring: () => KeyRing
  /** Looks at nothing any more; a look under way is waited for. */
  close(): Promise<void>
}

/**
 * Follows a key file: what is written into it is in use a moment later, at every replica that shares it, and turns its keys
 * when that is due. Replicas need not agree on who does it: a next key lies in the file for a day before it is used, so that
 * of two made at once all know the one that stayed. A file that cannot be read leaves the keys known before in use.
 *
 * @throws TypeError if a key of the set cannot be used
 */
export async function followKeyFile(
  { file, set, rotation, pollMs, events }: FollowedFileSettings,
  { now, randomBytes }: KeyEnvironment,
): Promise<FollowedFile> {
  const current = createCurrentKeys({ source: file, events })
  const problem = await current.replace({ set })
  const first = current.ring()
  if (first === undefined) throw new TypeError(`${file} ${problem}`)
  let trouble: string | undefined
  let look: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    look = look.then(lookOnce).catch(report)
  }, pollMs).unref()

  async function lookOnce(): Promise<void> {
    const reading = readKeySet(await readFile(file, 'utf8'))
    const isSound = (await current.replace(reading)) === undefined
    if (!isSound || reading.set === undefined) {
      // It has been reported as unreadable; that it can be read again is still to be told.
      trouble ??= 'keys-unreadable'
      return
    }
    report(undefined)
    if (rotation === undefined) return
    const wanted = await rotated(reading.set, { ...rotation, now: now() })
    if (wanted !== reading.set) await write(wanted)
  }

  async function write(wanted: KeySet): Promise<void> {
    // A link stays one, so that whoever shares the file behind it goes on doing so.
    const target = await realpath(file)
    const draft = `${target}.${randomBytes(6).toString('hex')}.draft`
    try {
      await writeFile(draft, `${JSON.stringify(wanted, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
      await rename(draft, target)
    } finally {
      await rm(draft, { force: true })
    }
    events.keysWritten({ source: file, change: 'rotated', detail: undefined })
    await current.replace({ set: wanted })
  }

  function report(error: unknown): void {
    const problem = error === undefined ? undefined : codeOf(error)
    if (problem === trouble) return
    trouble = problem
    events.keySecretTrouble({ source: file, problem })
  }

  return {
    ring: () => current.ring() ?? first,
    async close() {
      clearInterval(timer)
      await look
    },
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
