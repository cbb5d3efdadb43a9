import type { Events } from '../observe/events.ts'
import { NotLeaderError } from './apply.ts'
import { type KeyKeeperSettings, keepKeySecret, keySecretLabel } from './key-keeper.ts'
import type { Term } from './term.ts'

export interface RunKeyKeeperOptions extends KeyKeeperSettings {
  readonly term: Term
  /** Calls back when the Secret may have changed. @returns a function that ends the listening */
  readonly onChange: (listener: () => void) => () => void
  readonly events: Pick<Events, 'keysWritten' | 'keySecretTrouble'>
}

/** How often it is looked whether a key's turn has come. */
const LOOK_MS = 60_000
/** How soon after one look the next may follow: a tool that spoils the Secret again and again is not to be outrun. */
const SHORTEST_PAUSE_MS = 1_000
const RETRY_MS = 2_000

/**
 * Looks after the Secret of the keys for as long as a term lasts: at once, whenever it has changed, and every minute.
 *
 * @returns a promise that resolves soon after the term is over, and never rejects
 */
export async function runKeyKeeper(options: RunKeyKeeperOptions): Promise<void> {
  const { term, events } = options
  const source = keySecretLabel(options)
  let problem: string | undefined
  let isChanged = false
  let wake = (): void => undefined
  const stopListening = options.onChange(() => {
    isChanged = true
    wake()
  })

  function report(found: string | undefined): void {
    if (found !== problem) events.keySecretTrouble({ source, problem: found })
    problem = found
  }

  /** @returns after how many milliseconds to look again, unless something changes */
  async function look(): Promise<number> {
    try {
      const outcome = await keepKeySecret(options, term)
      report(undefined)
      return outcome === 'outrun' ? RETRY_MS : LOOK_MS
    } catch (error) {
      if (!(error instanceof NotLeaderError) && !term.lost.aborted) {
        report(error instanceof Error ? error.message : String(error))
      }
      return RETRY_MS
    }
  }

  async function wait(ms: number, isWoken: () => boolean): Promise<void> {
    if (isWoken()) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        if (!isWoken()) return
        clearTimeout(timer)
        resolve()
      }
    })
  }

  const end = () => wake()
  term.lost.addEventListener('abort', end, { once: true })
  try {
    while (!term.lost.aborted) {
      isChanged = false
      const ms = await look()
      await wait(SHORTEST_PAUSE_MS, () => term.lost.aborted)
      await wait(ms, () => isChanged || term.lost.aborted)
    }
  } finally {
    stopListening()
    term.lost.removeEventListener('abort', end)
  }
}
