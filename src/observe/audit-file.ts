import { writeSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { AuditSink } from './audit-trail.ts'

const LONGEST_QUEUE_BYTES = 16 * 1024 * 1024
const BATCH_BYTES = 256 * 1024
const CHECK_MS = 1_000
const RETRY_MS = 1_000
/** A process that is to end waits for a disk that does not take anything no longer than this. */
const CLOSE_MS = 2_000

/**
 * Appends lines to a file. If there is none it is made with mode 0600, for its owner alone; one that is there keeps its mode,
 * and a symbolic link is followed. Lines wait in memory, up to 16 MiB, while the disk takes none; it is tried again every
 * second. A file that has been moved away (by logrotate, say) is left behind after a second at most, and the next line
 * makes it anew: nobody needs to be told. What has been written is with the operating system, not yet on the disk itself.
 *
 * @param options.monotonicMs milliseconds of a clock that never jumps
 * @param options.onTrouble called when a write fails with what is wrong, and with undefined when one succeeds again
 * @throws the system's error if the file cannot be opened now
 */
export async function openAuditFile(options: {
  readonly path: string
  readonly monotonicMs: () => number
  readonly onTrouble: (problem: string | undefined) => void
  readonly longestQueueBytes?: number
  readonly retryMs?: number
}): Promise<AuditSink> {
  const { path, monotonicMs, onTrouble } = options
  const longestQueueBytes = options.longestQueueBytes ?? LONGEST_QUEUE_BYTES
  const retryMs = options.retryMs ?? RETRY_MS
  let handle = await openForAppending(path)
  let checkedAtMs = monotonicMs()
  let queue: Buffer[] = []
  let queuedBytes = 0
  /** What is being written. It may begin within a line, and then that line has to end in the same file. */
  let batch: Buffer = Buffer.alloc(0)
  let isWithinLine = false
  let isInTrouble = false
  let isClosing = false
  let work: Promise<void> | undefined
  let wake: () => void = () => undefined

  async function followPath(): Promise<void> {
    if (monotonicMs() - checkedAtMs < CHECK_MS && !isInTrouble) return
    const [here, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)])
    if (there === undefined || here.ino !== there.ino || here.dev !== there.dev) {
      const next = await openForAppending(path)
      const previous = handle
      handle = next
      await previous.close()
    }
    checkedAtMs = monotonicMs()
  }

  async function writeSome(): Promise<void> {
    if (!isWithinLine) await followPath()
    const { bytesWritten } = await handle.write(batch)
    batch = batch.subarray(bytesWritten)
    queuedBytes -= bytesWritten
    isWithinLine = batch.length > 0
  }

  function takeBatch(): void {
    let bytes = 0
    let count = 0
    for (const line of queue) {
      if (count > 0 && bytes + line.length > BATCH_BYTES) break
      bytes += line.length
      count += 1
    }
    batch = Buffer.concat(queue.slice(0, count))
    queue = queue.slice(count)
  }

  function tell(error: unknown): void {
    if (isInTrouble === (error !== undefined)) return
    isInTrouble = error !== undefined
    onTrouble(error === undefined ? undefined : error instanceof Error ? error.message : String(error))
  }

  async function drain(): Promise<void> {
    while (batch.length > 0 || queue.length > 0) {
      if (batch.length === 0) takeBatch()
      try {
        await writeSome()
        tell(undefined)
      } catch (error) {
        tell(error)
        if (isClosing) return
        await pause(retryMs)
      }
    }
  }

  /** Ends early when the file is to be closed. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  function start(): void {
    work ??= drain().finally(() => {
      work = undefined
    })
  }

  /** For a process that ends without closing: a line may then come twice, but is not lost. */
  function atExit(): void {
    for (const bytes of [batch, ...queue]) {
      try {
        writeSync(handle.fd, bytes)
      } catch {
        // Nothing is left to say it with.
        return
      }
    }
  }
  process.once('exit', atExit)

  return {
    write(line) {
      const bytes = Buffer.from(line)
      if (isClosing || queuedBytes + bytes.length > longestQueueBytes) return false
      queue.push(bytes)
      queuedBytes += bytes.length
      start()
      return true
    },
    async close() {
      isClosing = true
      wake()
      const isStuck = await Promise.race([work, pause(CLOSE_MS).then(() => true)])
      process.removeListener('exit', atExit)
      // Closing would wait for the write that is stuck.
      if (isStuck !== true) await handle.close()
      return linesIn(batch) + queue.length
    },
  }
}

function openForAppending(path: string): Promise<FileHandle> {
  return open(path, 'a', 0o600)
}

function linesIn(bytes: Buffer): number {
  let lines = 0
  for (const byte of bytes) if (byte === 0x0a) lines += 1
  return lines
}
