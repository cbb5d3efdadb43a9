/** Many calls that come close together, made one. */
export interface Burst {
  readonly trigger: () => void
  readonly stop: () => void
}

/** Runs the action `ms` milliseconds after a first trigger, once for all that come until then. */
export function burst(ms: number, action: () => void): Burst {
  let timer: NodeJS.Timeout | undefined
  return {
    trigger() {
      timer ??= setTimeout(() => {
        timer = undefined
        action()
      }, ms)
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
