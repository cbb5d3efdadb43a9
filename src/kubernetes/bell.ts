/** Changes within so short a time are looked at together. */
const SETTLE_MS = 30

/** Wakes who waits for something to do. */
export interface Bell {
  readonly ring: () => void
  /** Resolves soon after the bell has been rung, at once if it was while nobody waited, and after `longestMs` in any case. */
  readonly wait: (longestMs: number) => Promise<void>
}

export function createBell(): Bell {
  let isRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      isRung = true
      wake?.()
    },
    async wait(longestMs) {
      if (!isRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, longestMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
      isRung = false
    },
  }
}
