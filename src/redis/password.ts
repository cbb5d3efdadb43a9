import { readFile as readFromDisk } from 'node:fs/promises'
import type { Redis } from 'ioredis'
import type { Events, StoreAccount } from '../observe/events.ts'
import type { PasswordFile } from './settings.ts'

/** How often the file is looked at. */
const POLL_MS = 3000

/** A password that may change while the process runs. */
export interface Password {
  /** For the next connection; undefined: none is needed. */
  current(): string | undefined
  /** Calls back whenever it has changed, until the function that is returned is called. */
  onChange(changed: (password: string) => void): () => void
  /** Looks at the file at once: a connection was lost, or the server does not accept the password. */
  reread(): Promise<void>
  close(): void
}

export interface PasswordContext {
  readonly account: StoreAccount
  readonly events: Pick<Events, 'storePasswordFile'>
  /** As of `node:fs`: rejects with an error that has a `code`. */
  readonly readFile?: (path: string) => Promise<string>
  readonly pollMs?: number
}

/**
 * Follows the file of a password, if there is one. A file that cannot be read leaves the last password in use; that, and
 * each change, is reported by `storePasswordFile`.
 *
 * @param initial what the file said at start
 */
export function followPassword(
  initial: string | undefined,
  file: PasswordFile | undefined,
  context: PasswordContext,
): Password {
  const { account, events, readFile = (path) => readFromDisk(path, 'utf8'), pollMs = POLL_MS } = context
  const listeners = new Set<(password: string) => void>()
  let password = initial
  let trouble: string | undefined
  let look: Promise<void> | undefined
  const timer = file === undefined ? undefined : setInterval(() => void reread(), pollMs).unref()

  async function lookAt({ path, holds }: PasswordFile): Promise<void> {
    const reading = await readPassword(() => readFile(path), holds)
    if ('trouble' in reading) {
      if (reading.trouble !== trouble)
        events.storePasswordFile({ account, outcome: 'unreadable', detail: reading.trouble })
      trouble = reading.trouble
      return
    }
    if (trouble !== undefined) events.storePasswordFile({ account, outcome: 'readable', detail: undefined })
    trouble = undefined
    if (reading.password === password) return
    password = reading.password
    events.storePasswordFile({ account, outcome: 'changed', detail: undefined })
    for (const changed of listeners) changed(reading.password)
  }

  function reread(): Promise<void> {
    if (file === undefined) return Promise.resolve()
    look ??= lookAt(file).finally(() => {
      look = undefined
    })
    return look
  }

  return {
    current: () => password,
    onChange(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    reread,
    close() {
      clearInterval(timer)
      listeners.clear()
    },
  }
}

/** Logs a connection in anew, if it is open. One that the server refuses stays logged in as it was. */
export function authenticate(client: Redis, username: string | undefined, password: string): void {
  client.options.password = password
  if (client.status !== 'ready') return
  const answer = username === undefined ? client.auth(password) : client.auth(username, password)
  answer.catch(() => undefined)
}

async function readPassword(
  read: () => Promise<string>,
  holds: PasswordFile['holds'],
): Promise<{ readonly password: string } | { readonly trouble: string }> {
  try {
    const text = (await read()).replace(/\r?\n$/, '')
    const password = holds === 'Password' ? text : decodeURIComponent(new URL(text).password)
    return password === '' ? { trouble: 'there is no password in it' } : { password }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    // The message of a URL that is none would hold the text.
    return { trouble: code === '' || code === 'ERR_INVALID_URL' ? 'it holds no URL' : code }
  }
}
