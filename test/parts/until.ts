import { setTimeout as pause } from 'node:timers/promises'

/**
 * Polls until the condition answers anything but undefined or false, and gives that answer. A condition that throws
 * counts as not yet, and the last error becomes the cause.
 *
 * @param what said in the error that is thrown after `timeoutMs`
 */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 10_000, everyMs = 20 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  let isOver = false
  while (!isOver) {
    // One more look after the end: the last pause may have been a long one, during which it came true.
    isOver = performance.now() >= deadline
    try {
      const answer = await condition()
      if (answer !== undefined && answer !== false) return answer
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (!isOver) await pause(everyMs)
  }
  throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`, { cause })
}
