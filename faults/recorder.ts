import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Entry, formatEntry, type History } from './history.ts'

/** Writes down what happens. */
export interface Recorder extends Disposable {
  /** The clock of the history in milliseconds: monotonic, and the same in all processes of one machine. */
  now(): number
  record(entry: Entry): void
  /** What has been recorded so far. */
  history(): History
  /** Closes the file; what is recorded later is only remembered. */
  close(): void
}

const FLUSH_AT = 65_536

/**
 * @param file gets the history as JSON lines, its folders are made; undefined to remember it only
 */
export function createRecorder(file?: string | undefined): Recorder {
  const entries: Entry[] = []
  let open = file === undefined ? undefined : opened(file)
  let unwritten = ''

  function flush(): void {
    if (open !== undefined && unwritten !== '') writeSync(open, unwritten)
    unwritten = ''
  }

  function close(): void {
    if (open === undefined) return
    flush()
    closeSync(open)
    open = undefined
  }

  return {
    now: () => Number(process.hrtime.bigint()) / 1e6,
    record(entry) {
      entries.push(entry)
      if (open === undefined) return
      unwritten += formatEntry(entry)
      // Checks are many and are written in one go; whatever is rarer is on disk at once, for whoever looks after a crash.
      if (entry.kind !== 'check' || unwritten.length > FLUSH_AT) flush()
    },
    history: () => entries,
    close,
    [Symbol.dispose]: close,
  }
}

function opened(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  return openSync(file, 'w')
}
