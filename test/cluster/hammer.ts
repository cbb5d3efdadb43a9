import { Agent, get } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'

/** A client that does not cease to ask. */
export interface Hammer {
  /** How many answers there were so far, by status; 0 stands for requests without an answer. */
  readonly answers: ReadonlyMap<number, number>
  /** Resolves when the last answer is there. */
  stop(): Promise<void>
}

const EVERY_MS = 5

/**
 * Asks for the start page of a host, as a browser that opens it, 200 times a second, by several connections that are kept.
 *
 * @param port where a proxy listens on 127.0.0.1 with TLS
 * @param mostMs it ceases then, whatever becomes of the test
 */
export function hammer(port: number, host: string, mostMs: number): Hammer {
  const answers = new Map<number, number>()
  const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false })
  const stopping = new AbortController()
  const open = new Set<Promise<void>>()

  function ask(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const count = (status: number) => {
      answers.set(status, (answers.get(status) ?? 0) + 1)
      resolve()
    }
    const options = {
      host: '127.0.0.1',
      port,
      servername: host,
      headers: { host, accept: 'text/html', 'sec-fetch-mode': 'navigate' },
      agent,
      timeout: 10_000,
    }
    const request = get(options, (response) => {
      response.resume()
      response.once('close', () => count(response.statusCode ?? 0))
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => count(0))
    return promise
  }

  async function run(): Promise<void> {
    const end = performance.now() + mostMs
    let due = performance.now()
    while (!stopping.signal.aborted && performance.now() < end) {
      for (; due <= performance.now(); due += EVERY_MS) {
        const asked = ask().then(() => void open.delete(asked))
        open.add(asked)
      }
      await pause(EVERY_MS)
    }
    await Promise.all(open)
    agent.destroy()
  }

  const running = run()
  return {
    answers,
    async stop() {
      stopping.abort()
      await running
    },
  }
}
