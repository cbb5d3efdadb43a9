import { isSid } from './session-id.ts'
import { LIST_LIMIT, type SessionPage, SessionPageError } from './session-store.ts'

/** A place in a list: its entries come by expiry, the last first, and where that is the same by `sid`, the greatest first. */
export interface ListPlace {
  readonly expiresAtMs: number
  readonly sid: string
}

/** The latest expiry that a cursor can name: what stands behind it in a list was not put there by us. */
export const LATEST_EXPIRY_MS = 999_999_999_999_999

/** Writes a place as the opaque text that leads to what follows it. */
export function cursorOf({ expiresAtMs, sid }: ListPlace): string {
  return `${expiresAtMs}.${sid}`
}

/**
 * Reads where a page begins.
 *
 * @returns the place after which it begins; undefined: at the beginning
 * @throws SessionPageError if the limit is out of range, or no list has given such a cursor
 */
export function startOf({ limit, after }: SessionPage): ListPlace | undefined {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_LIMIT) {
    throw new SessionPageError(`limit must be a whole number from 1 to ${LIST_LIMIT}`)
  }
  if (after === undefined) return undefined
  const [, expiry = '', sid = ''] = /^(\d{1,15}(?:\.\d{1,9})?)\.([A-Za-z0-9_-]{43})$/.exec(after) ?? []
  if (!isSid(sid)) throw new SessionPageError('after is not a cursor of this list')
  return { expiresAtMs: Number(expiry), sid }
}

/** Whether an entry stands behind the place in the order of a list. */
export function isBehind(entry: ListPlace, place: ListPlace | undefined): boolean {
  if (place === undefined || entry.expiresAtMs < place.expiresAtMs) return true
  return entry.expiresAtMs === place.expiresAtMs && entry.sid < place.sid
}
