import { destination } from 'pino'

const BUFFER_BYTES = 8 * 1024
const FLUSH_MS = 500
const LONGEST_QUEUE_BYTES = 16 * 1024 * 1024

/** Takes lines. */
export interface LineStream {
  /** @returns false if the line has been given up */
  write(line: string): unknown
}

/**
 * Writes lines to standard output through one buffer, which is emptied at least twice a second and at exit, so that lines of
 * different kinds never get mixed up. If nobody reads there, lines are given up rather than memory, and no caller waits.
 */
export function standardOutput(): LineStream {
  const stream = destination({
    dest: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    maxLength: LONGEST_QUEUE_BYTES,
    periodicFlush: FLUSH_MS,
  })
  let isDropped = false
  let isGone = false
  stream.on('drop', () => {
    isDropped = true
  })
  // What could not be written stays in the buffer and is tried again; but there is no trying again once the reader has left.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') isGone = true
  })
  return {
    write(line) {
      isDropped = false
      stream.write(line)
      return !isDropped && !isGone
    },
  }
}
