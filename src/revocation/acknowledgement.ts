import type { RedisLink } from '../redis/link.ts'

/** How many replicas of the store hold what this link has written. */
export interface Acknowledgement {
  /**
   * Waits until so many replicas hold everything written before, or for a second at most.
   *
   * @param connection the one that the write was made on; the server cannot tell of writes of another
   * @returns how many hold it, 0 if that cannot be told
   * @throws StoreUnavailableError
   */
  holders(wanted: number, connection: number): Promise<number>
}

const WAIT_MS = 1000
const TIMEOUT_MS = 3000

interface Waiting {
  readonly wanted: number
  readonly resolve: (answer: { holders: number; connection: number }) => void
  readonly reject: (error: unknown) => void
}

/** While one WAIT is under way nothing else gets through, so all who come meanwhile share the next one. */
export function createAcknowledgement(link: Pick<RedisLink, 'run' | 'connectionId'>): Acknowledgement {
  let queue: Waiting[] = []
  let isWaiting = false

  async function serve(): Promise<void> {
    isWaiting = true
    while (queue.length > 0) {
      const served = queue
      queue = []
      const wanted = Math.max(...served.map((one) => one.wanted))
      try {
        const answer = await link.run('revocation-wait', TIMEOUT_MS, async (commands) => ({
          holders: await commands.wait(wanted, WAIT_MS),
          connection: link.connectionId(),
        }))
        for (const { resolve } of served) resolve(answer)
      } catch (error) {
        for (const { reject } of served) reject(error)
      }
    }
    isWaiting = false
  }

  return {
    async holders(wanted, writtenOn) {
      const { holders, connection } = await new Promise<{ holders: number; connection: number }>((resolve, reject) => {
        queue.push({ wanted, resolve, reject })
        if (!isWaiting) void serve()
      })
      return connection === writtenOn ? holders : 0
    },
  }
}
