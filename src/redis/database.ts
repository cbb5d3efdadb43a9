import type { Redis } from 'ioredis'

/** The server does not let us into the database that the configuration names. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError'
}

/** One numbered database of a server. */
export interface Database {
  /** Goes into it, on a new connection. Rejects with `DatabaseRefusedError`. */
  select(client: Redis): Promise<unknown>
  /** The connection is gone, and with it where it was. */
  forget(): void
  /** Sends nothing before the connection is in this database: the client library would go on in database 0. */
  within<Result>(send: () => Promise<Result>): Promise<Result>
}

export function databaseOf(index: number): Database {
  let isSelected = index === 0
  let refusal = 'not connected'
  return {
    async select(client) {
      if (index === 0) return
      try {
        await client.select(index)
        isSelected = true
      } catch (error) {
        refusal = `database ${index} is refused`
        throw new DatabaseRefusedError(refusal, { cause: error })
      }
    },
    forget() {
      isSelected = index === 0
      refusal = 'not connected'
    },
    async within(send) {
      if (!isSelected) throw new DatabaseRefusedError(refusal)
      return send()
    },
  }
}
