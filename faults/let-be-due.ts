import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { announceScript } from '../src/revocation/redis-scripts.ts'
import { parseKeySet } from '../src/tokens/file.ts'
import { keyRing } from '../src/tokens/key-ring.ts'
import { type Stamps, stampsOf } from '../src/tokens/stamp.ts'
import type { StoreForm } from './stores/store-form.ts'

/** In one step, so that whatever a replica writes meanwhile stands. */
const REPLACE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
`
const REVOCATION_KEYS = ['set', 'stream', 'state', 'clock'].map((part) => `gatehouse:{revocation}:${part}`)

/** Makes a session due to be refreshed, as if the access token had come to its end: otherwise a minute is the least. */
export type LetBeDue = (sid: string) => Promise<void>

/**
 * Where the store is in trouble, nothing becomes due.
 *
 * @param keyFile the replicas' keys
 */
export async function createLetBeDue(store: StoreForm, keyFile: string): Promise<LetBeDue> {
  const ring = await keyRing(parseKeySet(await readFile(keyFile, 'utf8'), keyFile))
  const stamps = stampsOf(() => ring)
  return async (sid) => {
    const key = `gatehouse:v2:session:{${sid}}`
    try {
      const holder = await store.masterOf(key)
      const stamped = await store.command(holder, 'GET', key)
      const next = typeof stamped === 'string' ? dueNow(stamps, key, stamped) : undefined
      if (typeof stamped !== 'string' || next === undefined) return
      await store.command(holder, 'EVAL', REPLACE, 1, key, stamped, next)
      const keys = [REVOCATION_KEYS.length, ...REVOCATION_KEYS]
      const args = [0, randomUUID(), Date.now(), sid]
      await store.command(await store.master(), 'EVAL', announceScript.text, ...keys, ...args)
    } catch (error) {
      // The server's own words, or that there is none now; anything else is a fault of the harness.
      if (!(error instanceof Error)) throw error
    }
  }
}

function dueNow(stamps: Stamps, key: string, stamped: string): string | undefined {
  const text = stamps.read('session', key, stamped)
  if (text === undefined) return undefined
  const record = JSON.parse(text) as { session: { refresh?: { dueAtMs: number } } }
  if (record.session.refresh === undefined) return undefined
  record.session.refresh.dueAtMs = 1
  return stamps.mark('session', key, JSON.stringify(record))
}
