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
  do {
    try {
      const answer = await condition()
      if (answer !== undefined && answer !== false) return answer
      cause = undefined
    } catch (error) {
      cause = error
    }
    await pause(everyMs)
  } while (performance.now() < deadline)
  throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`, { cause })
}
