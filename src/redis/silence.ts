import type { Redis } from 'ioredis'
import { NoAnswerError } from './deadline.ts'

/** In how many looks in a row nothing has come in before a connection counts as dead. */
const SILENT_LOOKS = 5

/**
 * Has a client cut each of its connections over which nothing comes in although answers are awaited, and so find out about
 * those that died without a word long before TCP does. The package has `socketTimeout` for that, which takes a stall of our
 * own for silence, and cuts the connection over which the answers have come meanwhile: timers come before sockets in a turn
 * of the event loop. Here the sockets get their turn before each look.
 *
 * @param silenceMs for how long nothing may come in
 */
export function cutWhenSilent(client: Redis, silenceMs: number): void {
  client.on('connect', () => {
    const { stream } = client
    let silentLooks = 0
    function look(): void {
      if (client.commandQueue.length === 0) silentLooks = 0
      // The first look may come right after the command.
      else if (silentLooks++ === SILENT_LOOKS) stream.destroy(new NoAnswerError(`no answer within ${silenceMs} ms`))
    }
    const timer = setInterval(() => setImmediate(look), silenceMs / SILENT_LOOKS).unref()
    stream.on('data', () => {
      silentLooks = 0
    })
    stream.once('close', () => clearInterval(timer))
  })
}
