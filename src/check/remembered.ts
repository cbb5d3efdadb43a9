import type { Application } from '../policy/application.ts'
import type { Identity } from '../policy/identity.ts'
import type { Assertion } from '../tokens/assertion.ts'
import type { CheckAnswer } from './render.ts'

/**
 * How the bearer of one token was last let in, and everything that the wording was made of. It is used again only if all
 * of that is the same; whether they are let in is decided anew each time.
 */
export interface RememberedAnswer {
  readonly application: Application
  readonly cookies: string
  readonly identity: Identity
  readonly assertion: Assertion | 'not-wanted'
  readonly answer: CheckAnswer
  /** Size of the answer against a proxy's buffer. */
  readonly bytes: number
}

/** What an answer is kept with. */
export interface AnswerHolder {
  remembered: RememberedAnswer | undefined
}

/** Longest cookies and largest answer worth keeping. */
const LONGEST_COOKIES = 4096
const LARGEST_ANSWER_BYTES = 8192

/**
 * Keeps the newest answers, each with its holder: what comes round takes the place of the oldest, which is only worded
 * anew when its bearer is back.
 *
 * @param capacity most answers kept, each at most 12 kB
 */
export function answerMemory(capacity: number): (holder: AnswerHolder, answer: RememberedAnswer) => void {
  const holders: AnswerHolder[] = []
  let next = 0
  return (holder, answer) => {
    if (answer.cookies.length > LONGEST_COOKIES || answer.bytes > LARGEST_ANSWER_BYTES) return
    if (holder.remembered === undefined) {
      const oldest = holders[next]
      if (oldest !== undefined) oldest.remembered = undefined
      holders[next] = holder
      next = (next + 1) % capacity
    }
    holder.remembered = answer
  }
}
