/** An entry of a stream: its id in two parts, and its fields as a flat list. */
export interface StreamEntry {
  readonly ms: number
  readonly sequence: number
  readonly fields: readonly string[]
}

/** A stream remembers the id that it gave last, even when it has been trimmed to nothing. */
export interface Stream {
  readonly entries: StreamEntry[]
  lastMs: number
  lastSequence: number
}

export type Value = string | Map<string, string> | Stream

/** What one server holds: of Redis's types those that are used, by key. */
export type RedisData = Map<string, Value>

export function emptyData(): RedisData {
  return new Map()
}

export function copyOfData(data: RedisData): RedisData {
  const copy: RedisData = new Map()
  for (const [key, value] of data) {
    if (typeof value === 'string') copy.set(key, value)
    else if (value instanceof Map) copy.set(key, new Map(value))
    else copy.set(key, { ...value, entries: [...value.entries] })
  }
  return copy
}

export function textAt(data: RedisData, key: string): string | undefined {
  const value = data.get(key)
  return typeof value === 'string' ? value : undefined
}

/** The hash of a key, made if there is none. Sorted sets are hashes too, of member and score. */
export function hashAt(data: RedisData, key: string): Map<string, string> {
  const value = data.get(key)
  if (value instanceof Map) return value
  const made = new Map<string, string>()
  data.set(key, made)
  return made
}

export function streamAt(data: RedisData, key: string): Stream | undefined {
  const value = data.get(key)
  return typeof value === 'object' && !(value instanceof Map) ? value : undefined
}

/** XADD with the id `*`: never one that is not later than the last. */
export function append(data: RedisData, key: string, nowMs: number, fields: readonly string[]): string {
  const stream = streamAt(data, key) ?? { entries: [], lastMs: 0, lastSequence: 0 }
  data.set(key, stream)
  const isLater = nowMs > stream.lastMs
  stream.lastSequence = isLater ? 0 : stream.lastSequence + 1
  stream.lastMs = isLater ? nowMs : stream.lastMs
  stream.entries.push({ ms: stream.lastMs, sequence: stream.lastSequence, fields })
  return idOf(stream)
}

/** The entries after an id. */
export function entriesAfter(data: RedisData, key: string, id: string): StreamEntry[] {
  const [ms = 0, sequence = 0] = id.split('-').map(Number)
  const entries = streamAt(data, key)?.entries ?? []
  let from = entries.length
  while (from > 0) {
    const entry = entries[from - 1]
    if (entry === undefined || entry.ms < ms || (entry.ms === ms && entry.sequence <= sequence)) break
    from -= 1
  }
  return entries.slice(from)
}

export function idOf({ lastMs, lastSequence }: Stream): string {
  return `${lastMs}-${lastSequence}`
}

export function entryId({ ms, sequence }: StreamEntry): string {
  return `${ms}-${sequence}`
}
