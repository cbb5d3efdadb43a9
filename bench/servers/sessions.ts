import { readFile } from 'node:fs/promises'
import type { Session } from '../../src/sessions/session.ts'
import { parseKeySet } from '../../src/tokens/file.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { credentialOf, newSession, openSessionWriter } from '../../test/parts/session-writer.ts'
import type { GatehouseServer } from './gatehouse.ts'
import { FULL, PERSON, PROVIDER } from './resources.ts'

const AT_ONCE = 250

/** Makes tokens that Gatehouse has not seen yet, each of another session of another person. */
export interface SessionMaker extends AsyncDisposable {
  /** @returns cookies for the application with the full answer, name and value */
  readonly make: (count: number) => Promise<string[]>
}

/**
 * @param gatehouse the server whose keys sign the tokens
 * @param redisUrl where its sessions are; undefined: they cannot be reached, and all tokens are of the session that there is
 */
export async function sessionMaker(
  { keyFile, credentials: { [FULL]: like } }: GatehouseServer,
  redisUrl: string | undefined,
): Promise<SessionMaker> {
  await using cleanup = new AsyncDisposableStack()
  const one =
    redisUrl === undefined
      ? await ofOneSession(keyFile, like)
      : cleanup.use(await ofNewSessions(keyFile, like, redisUrl))
  const owned = cleanup.move()
  return {
    async make(count) {
      const made: string[] = []
      while (made.length < count) {
        made.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - made.length) }, one.make))))
      }
      return made
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function ofNewSessions(keyFile: string, like: string, redisUrl: string) {
  const writer = await openSessionWriter({ port: Number(new URL(redisUrl).port), keyFile })
  return {
    make: async () => writer.credential(like, await writer.write(sessionOfSomebody())),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  }
}

/** Somebody else of the same name, so that the answer has the same length. */
function sessionOfSomebody(): Partial<Session> {
  const { identity } = newSession()
  const { email, name, preferred_username: preferredUsername, groups } = PERSON
  return { identity: { ...identity, provider: PROVIDER, email, name, preferredUsername, groups } }
}

async function ofOneSession(keyFile: string, like: string) {
  const ring = await keyRing(parseKeySet(await readFile(keyFile, 'utf8'), keyFile))
  const { sid, sub } = JSON.parse(Buffer.from(like.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly sid: string
    readonly sub: string
  }
  return { make: () => credentialOf(ring, like, { sid, identity: { subject: sub } }) }
}
