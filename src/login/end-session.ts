import type { RevokedBy } from '../revocation/revoker.ts'
import { type EndingPorts, endSessionsOf as endAllOf, endSession as endOne } from '../sessions/ending.ts'
import type { LoginPorts } from './login-ports.ts'

/** As `endSession` of `sessions/ending.ts`. */
export function endSession(ports: LoginPorts, sid: string, by: RevokedBy, endsAtMs?: number): Promise<boolean> {
  return endOne(endingOf(ports), sid, by, endsAtMs)
}

/**
 * As `endSessionsOf` of `sessions/ending.ts`.
 *
 * @returns how many records were removed
 */
export async function endSessionsOf(ports: LoginPorts, subject: string, by: RevokedBy): Promise<number> {
  return (await endAllOf(endingOf(ports), subject, by)).removed
}

function endingOf({ sessions, sessionCache, revoker }: LoginPorts): EndingPorts {
  return { store: sessions, revoker, forget: sessionCache.drop }
}
