import type { LockStore } from './lock.ts'

/**
 * Locks among the parts of this process.
 *
 * @param context.now milliseconds; only differences count
 */
export function memoryLockStore({ now }: { readonly now: () => number }): LockStore {
  const locks = new Map<string, { readonly holder: string; readonly untilMs: number }>()

  const holderOf = (sid: string) => {
    const lock = locks.get(sid)
    return lock !== undefined && now() < lock.untilMs ? lock.holder : undefined
  }

  return {
    async take(sid, holder, lifeMs) {
      if (holderOf(sid) !== undefined) return false
      locks.set(sid, { holder, untilMs: now() + lifeMs })
      return true
    },
    async prolong(sid, holder, lifeMs) {
      if (holderOf(sid) !== holder) return false
      locks.set(sid, { holder, untilMs: now() + lifeMs })
      return true
    },
    async free(sid, holder) {
      if (locks.get(sid)?.holder === holder) locks.delete(sid)
    },
  }
}
