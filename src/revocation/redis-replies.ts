import { StoreUnavailableError } from '../policy/errors.ts'
import type { ClockSample, LogEntry } from './log.ts'
import type { Revocation } from './revocation.ts'
import { parseScope } from './scope-text.ts'
import { FARTHEST_AHEAD_MS } from './store-clock.ts'

/** What the server says of the log in one step. */
export interface Look extends ClockSample {
  readonly foreignKeys: number
  readonly server: string
  readonly isMaster: boolean
  /** Number of the last entry ever written. */
  readonly count: number
  /** Id of the last entry that is there. */
  readonly last: string
  readonly entries: readonly NumberedEntry[]
  /** How many replicas are online. */
  readonly replicas: number
}

export interface NumberedEntry {
  readonly id: string
  /** NaN: it is not one of ours. */
  readonly number: number
  /** Undefined: of a shape that this version cannot read. */
  readonly entry: LogEntry | undefined
}

export interface Written {
  readonly foreignKeys: number
  readonly atMs: number
  readonly expiresAtMs: number
  readonly server: string
  readonly replicas: number
}

export interface Page {
  readonly server: string
  readonly cursor: string
  readonly revocations: readonly Revocation[]
  /** How many fields could not be read. */
  readonly unreadable: number
}

const WHOLE = /^\d{1,16}$/
/** As the scripts read it. */
const MOMENT = /^\d{1,15}$/

/** Each of these reads the reply of a script, and throws `StoreUnavailableError` if it is nothing that the script returns. */
export function readLook(reply: unknown): Look {
  const [foreign, server, role, clock, time, count, last, entries, replicas] = list(reply)
  const [clockMs, timeMs] = [whole(clock), whole(time)]
  const latestMs = latestMoment(timeMs)
  if (clockMs > latestMs) throw notOurs()
  return {
    foreignKeys: whole(foreign),
    server: text(server),
    isMaster: role === 'master',
    clockMs,
    timeMs,
    count: whole(count),
    last: text(last),
    entries: list(entries).map((entry) => readEntry(entry, latestMs)),
    replicas: whole(replicas),
  }
}

/** @returns the latest moment that a revocation can have, by what the server says the time is */
export function latestMoment(timeMs: number): number {
  return timeMs + FARTHEST_AHEAD_MS
}

export function readWritten(reply: unknown): Written {
  const [foreign, at, expires, server, replicas] = list(reply)
  return {
    foreignKeys: whole(foreign),
    atMs: whole(at),
    expiresAtMs: whole(expires),
    server: text(server),
    replicas: whole(replicas),
  }
}

export function readForeign(reply: unknown): number {
  return whole(list(reply)[0])
}

/** @param latestMs whatever has a later moment cannot be read */
export function readPage(reply: unknown, latestMs: number): Page {
  const [server, cursor, pairs] = list(reply)
  const flat = list(pairs)
  const revocations: Revocation[] = []
  for (let index = 0; index < flat.length; index += 2) {
    const [at, expires, more] = String(flat[index + 1]).split(' ')
    const revocation = more === undefined ? revocationOf(flat[index], at, expires, latestMs) : undefined
    if (revocation !== undefined) revocations.push(revocation)
  }
  return { server: text(server), cursor: text(cursor), revocations, unreadable: flat.length / 2 - revocations.length }
}

function readEntry(reply: unknown, latestMs: number): NumberedEntry {
  const [id, fields] = list(reply)
  const [n, number, kind, ...rest] = list(fields)
  const isNumbered = n === 'n' && typeof number === 'string' && WHOLE.test(number)
  return {
    id: text(id),
    number: isNumbered ? Number(number) : Number.NaN,
    entry: isNumbered ? entryOf(kind, rest, latestMs) : undefined,
  }
}

function entryOf(kind: unknown, [subject, ...rest]: readonly unknown[], latestMs: number): LogEntry | undefined {
  if (kind === 'changed' && rest.length === 0) {
    return typeof subject === 'string' ? { kind: 'session-changed', sid: subject } : undefined
  }
  const [at, atMs, expires, expiresAtMs, more] = rest
  if (kind !== 'revoked' || at !== 'at' || expires !== 'expires' || more !== undefined) return undefined
  const revocation = revocationOf(subject, atMs, expiresAtMs, latestMs)
  return revocation && { kind: 'revoked', revocation }
}

function revocationOf(scopeText: unknown, at: unknown, expires: unknown, latestMs: number): Revocation | undefined {
  const scope = typeof scopeText === 'string' ? parseScope(scopeText) : undefined
  if (scope === undefined || !isMoment(at) || !isMoment(expires) || Number(at) > latestMs) return undefined
  return { scope, atMs: Number(at), expiresAtMs: Number(expires) }
}

function isMoment(value: unknown): boolean {
  return typeof value === 'string' && MOMENT.test(value)
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw notOurs()
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw notOurs()
}

function whole(value: unknown): number {
  const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw notOurs()
}

function notOurs(): StoreUnavailableError {
  return new StoreUnavailableError('revocation: the server’s reply is not that of the script')
}
