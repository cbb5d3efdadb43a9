/**
 * Whether something ends, well or not, before the event loop has turned once: it waits for no timer and no answer. Unlike a
 * few milliseconds, that is the same on a machine that has a lot to do.
 */
export async function endsAtOnce(work: Promise<unknown>): Promise<boolean> {
  let hasEnded = false
  const end = () => {
    hasEnded = true
  }
  work.then(end, end)
  await new Promise((resolve) => setImmediate(resolve))
  return hasEnded
}

/**
 * Whether something that has just begun in this process ends within so many milliseconds, well or not. Where the process
 * stands still for a while, that delays its timers and this one alike, and what has come in meanwhile still counts.
 */
export function endsWithin(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => setImmediate(() => resolve(false)), timeoutMs)
  const end = () => {
    clearTimeout(timer)
    resolve(true)
  }
  work.then(end, end)
  return promise
}
