import type { KeySet, SealingKey, SigningAlgorithm, SigningKey } from './key-set.ts'
import { MAX_KEYS } from './key-set.ts'

/** When keys take turns. All times in milliseconds. */
export interface RotationTimes {
  /** How old the key in use becomes before the next one is made. */
  readonly rotateEveryMs: number
  /** How long the next key is known to everybody before it is used: a replica may be behind by so much. */
  readonly publishAheadMs: number
  /** Longest life of anything that is signed or sealed, with the leeway that its readers grant. */
  readonly keepMs: number
}

export interface Rotation extends RotationTimes {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Of signing keys. A key in use that is for another one is due at once. */
  readonly algorithm: SigningAlgorithm
  readonly newSigningKey: (algorithm: SigningAlgorithm) => Promise<SigningKey>
  readonly newSealingKey: () => SealingKey | Promise<SealingKey>
}

interface Turn<Key> extends RotationTimes {
  readonly now: number
  readonly isOutOfDate: (key: Key) => boolean
  readonly newKey: () => Promise<Key> | Key
}

interface Dated {
  readonly createdAt: string
  readonly retiredAt?: string | undefined
}

/**
 * What a key set has to be at a given time. Each list is [in use, next?, ...earlier]. A next key is made when the one in use
 * is old enough, is used once everybody has had time to get it, and goes only when nothing that it made can still count.
 *
 * @returns the very set that was given, if nothing is due
 * @throws RangeError if keys would have to be replaced sooner than the next one is known to everybody
 */
export async function rotated(set: KeySet, rotation: Rotation): Promise<KeySet> {
  const { rotateEveryMs, publishAheadMs, keepMs, now, algorithm, newSigningKey, newSealingKey } = rotation
  if (!(publishAheadMs >= 0 && rotateEveryMs > publishAheadMs && keepMs >= 0)) {
    throw new RangeError('keys live longer than the time by which the next one is made known ahead')
  }
  const times = { rotateEveryMs, publishAheadMs, keepMs, now }
  const signing = await turned(set.signing, {
    ...times,
    isOutOfDate: (key) => key.algorithm !== algorithm,
    newKey: () => newSigningKey(algorithm),
  })
  const sealing = await turned(set.sealing, { ...times, isOutOfDate: () => false, newKey: newSealingKey })
  return signing === set.signing && sealing === set.sealing ? set : { ...set, signing, sealing }
}

/** @returns the very list that was given, if nothing is due */
async function turned<Key extends Dated>(keys: Key[], turn: Turn<Key>): Promise<Key[]> {
  for (let before = keys; ; ) {
    const after = await turnedOnce(before, turn)
    if (isSame(before, after)) return before
    before = after
  }
}

async function turnedOnce<Key extends Dated>(keys: readonly Key[], turn: Turn<Key>): Promise<Key[]> {
  const [current, ...others] = keys.map((key) => plausible(key, turn))
  if (current === undefined) return []
  const [second, ...rest] = others
  const hasNext = second !== undefined && isNext(second, current)
  const earlier = neededOf(hasNext ? rest : others, turn)

  if (hasNext) {
    const isItsTurn = turn.now - Date.parse(second.createdAt) >= turn.publishAheadMs
    return isItsTurn ? [second, ...neededOf([current], turn), ...earlier] : [current, second, ...earlier]
  }
  if (1 + earlier.length >= MAX_KEYS || !isDue(current, turn)) return [current, ...earlier]
  const createdAt = isoTime(Math.max(turn.now, Date.parse(current.createdAt)))
  return [current, { ...(await turn.newKey()), createdAt }, ...earlier]
}

/** The second key is the next one if it is not older than the one in use: so a set that was put together by hand reads, too. */
function isNext(second: Dated, current: Dated): boolean {
  return second.retiredAt === undefined && Date.parse(second.createdAt) >= Date.parse(current.createdAt)
}

function isDue<Key extends Dated>(current: Key, { now, rotateEveryMs, isOutOfDate }: Turn<Key>): boolean {
  return isOutOfDate(current) || now - Date.parse(current.createdAt) >= rotateEveryMs
}

/** Earlier keys, marked as such. A replica that is behind may go on using one for a while after it was retired. */
function neededOf<Key extends Dated>(keys: readonly Key[], { now, keepMs, publishAheadMs }: Turn<Key>): Key[] {
  return keys
    .map((key) => (key.retiredAt === undefined ? { ...key, retiredAt: isoTime(now) } : key))
    .filter(({ retiredAt = '' }) => now - Date.parse(retiredAt) < keepMs + publishAheadMs)
}

/** What a clock that was far ahead, or a hand, dated into the future counts from now: otherwise its turn would never come. */
function plausible<Key extends Dated>(key: Key, { now, publishAheadMs }: Turn<Key>): Key {
  const isFuture = (time: string | undefined) => time !== undefined && Date.parse(time) > now + publishAheadMs
  if (!isFuture(key.createdAt) && !isFuture(key.retiredAt)) return key
  return {
    ...key,
    ...(isFuture(key.createdAt) ? { createdAt: isoTime(now) } : {}),
    ...(isFuture(key.retiredAt) ? { retiredAt: isoTime(now) } : {}),
  }
}

function isSame<Key>(left: readonly Key[], right: readonly Key[]): boolean {
  return left.length === right.length && left.every((key, index) => key === right[index])
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
