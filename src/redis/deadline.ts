/** The server has not answered in time. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

/**
 * Waits for an answer, but not for ever. A timer that is due says nothing yet, since timers come before sockets in a turn of
 * the event loop: after a stall of our own the answer may have been lying there for long. So the sockets get one more turn.
 *
 * @throws NoAnswerError if there is no answer after `timeoutMs`
 */
export function answerWithin<Result>(timeoutMs: number, answer: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      setImmediate(() => reject(new NoAnswerError(`no answer within ${timeoutMs} ms`)))
    }, timeoutMs)
    answer.then(
      (result) => {
        clearTimeout(timer)
        resolve(result)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
