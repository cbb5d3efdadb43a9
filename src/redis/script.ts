import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { replyCode } from './failure.ts'

/** A Lua script that runs at the server, as one step. */
export interface Script {
  readonly text: string
  /** SHA-1 of the text, by which the server knows it. */
  readonly sha: string
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * Runs a script by its hash, and by its text where the server does not know it yet: one that does not know it has done
 * nothing. In a Cluster all keys have to be of one slot.
 *
 * @returns what the script returns, as `ioredis` reads it
 * @see https://redis.io/docs/latest/develop/programmability/eval-intro/
 */
export async function runScript(
  commands: Pick<Redis, 'eval' | 'evalsha'>,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await commands.evalsha(sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (replyCode(error) !== 'NOSCRIPT') throw error
    return commands.eval(text, keys.length, ...keys, ...args)
  }
}
