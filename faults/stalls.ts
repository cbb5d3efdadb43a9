import type { Recorder } from './recorder.ts'

/** Sees when the whole machine stands still, which no program on it can be blamed for. */
export interface StallWatch extends Disposable {
  /** How often it has stood still so far. */
  count(): number
}

const EVERY_MS = 20
const STALL_MS = 100

/** Records it as a fault whenever this process, which has little to do, gets no turn for so long. */
export function watchStalls(recorder: Recorder): StallWatch {
  let last = recorder.now()
  let count = 0
  const timer = setInterval(() => {
    const now = recorder.now()
    if (now - last > STALL_MS) {
      count += 1
      recorder.record({ kind: 'fault', fault: 'the machine stands still', phase: 'begins', atMs: last })
      recorder.record({ kind: 'fault', fault: 'the machine stands still', phase: 'ends', atMs: now })
    }
    last = now
  }, EVERY_MS)
  return { count: () => count, [Symbol.dispose]: () => clearInterval(timer) }
}
