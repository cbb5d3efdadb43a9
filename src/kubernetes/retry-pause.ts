const FIRST_MS = 100
/** So short that the set is current again within 2 s of the end of a trouble. */
const LONGEST_MS = 1_800
const LONGEST_ABSENCE_MS = 5_000
/** About half a minute of asking. */
const SOON_ABSENCES = 25
const LONGEST_ASKED_MS = 5_000

/**
 * How long to wait before a failed list or watch is tried again, in milliseconds; at most 5 s. Jittered, so that replicas do
 * not come all at once.
 *
 * @param failures how many went before, in a row
 * @param random from 0 up to but not including 1
 * @param retryAfterMs what the server has asked for; honoured up to 5 s
 */
export function retryPauseMs(failures: number, random: number, retryAfterMs: number | undefined): number {
  const longest = Math.min(FIRST_MS * 2 ** Math.min(failures, 10), LONGEST_MS)
  const own = jittered(longest, random)
  return retryAfterMs === undefined ? own : Math.min(Math.max(own, retryAfterMs + own / 4), LONGEST_ASKED_MS)
}

/**
 * How long to wait before asking again for a kind that the server does not serve: a little, since it may be made anew at
 * once, and after a while somewhat longer.
 */
export function absencePauseMs(absences: number, random: number): number {
  return jittered(absences < SOON_ABSENCES ? LONGEST_MS : LONGEST_ABSENCE_MS, random)
}

function jittered(longestMs: number, random: number): number {
  return longestMs * (0.5 + random / 2)
}
