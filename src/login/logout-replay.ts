import { ignoreUnavailable } from '../policy/errors.ts'
import { codeKey } from './code-key.ts'
import { CodeNotStorableError, type CodeStore } from './code-store.ts'

/** What became of a logout token. */
export type Logout = 'done' | 'replayed' | 'under-way'

/** Longer than a revocation takes, so that nobody begins with the same token meanwhile. */
const WORK_SECONDS = 10

/**
 * Does something once for each logout token. While it is being done, and for 10 s after a process has died over it, the same
 * token is `under-way`; it counts as used only once everything has been done, so that a provider whose logout failed can post
 * it again.
 *
 * @param token its provider, its `jti`, and for how long it would be accepted
 * @throws StoreUnavailableError if the store gives no answer; whatever `work` throws
 */
export async function onceFor(
  codes: CodeStore,
  token: { readonly provider: string; readonly jti: string; readonly seconds: number },
  work: () => Promise<void>,
): Promise<Logout> {
  const underWay = codeKey('logout-under-way', token.provider, token.jti)
  const used = codeKey('logout-used', token.provider, token.jti)
  if (!(await isPut(codes, underWay, WORK_SECONDS))) return 'under-way'
  try {
    // Nobody else is at it, so it can be taken out to be looked at.
    if ((await codes.take(used)) !== undefined) {
      await isPut(codes, used, token.seconds)
      return 'replayed'
    }
    await work()
    await isPut(codes, used, token.seconds)
    return 'done'
  } finally {
    await codes.take(underWay).catch(ignoreUnavailable)
  }
}

async function isPut(codes: CodeStore, key: string, seconds: number): Promise<boolean> {
  try {
    await codes.put(key, 'logout', Math.max(1, seconds))
    return true
  } catch (error) {
    if (error instanceof CodeNotStorableError) return false
    throw error
  }
}
