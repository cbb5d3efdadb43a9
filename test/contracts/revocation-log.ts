import { describe, expect, test } from 'vitest'
import type { LogBatch, LogEntry, LogPosition, RevocationLog } from '../../src/revocation/log.ts'
import type { Revocation, RevocationScope } from '../../src/revocation/revocation.ts'
import { ScopeNotStorableError, scopeText } from '../../src/revocation/scope-text.ts'
import { SCOPES } from '../revocation/scopes.ts'

const HOUR_MS = 3_600_000
const ADA: RevocationScope = { kind: 'subject', subject: 'ada' }

/** The whole set, by the text of the scope. */
export async function loaded(log: RevocationLog, at?: LogPosition): Promise<Map<string, Revocation>> {
  const found = new Map<string, Revocation>()
  for await (const page of log.load(at ?? (await log.end()).position)) {
    for (const revocation of page) found.set(scopeText(revocation.scope), revocation)
  }
  return found
}

/** Reads from a position to the end of the stream. */
export async function readToEnd(
  log: RevocationLog,
  from: LogPosition,
): Promise<{ entries: LogEntry[]; end: LogBatch }> {
  const entries: LogEntry[] = []
  let position = from
  const { position: target } = await log.end()
  while (true) {
    const batch = await log.read(position, AbortSignal.timeout(5000))
    if (batch === 'gap') throw new Error('a gap')
    entries.push(...batch.entries)
    position = batch.position
    if (position.sequence >= target.sequence) return { entries, end: batch }
  }
}

/**
 * The promises of `revocation/log.ts`.
 *
 * @param open gives an empty log
 */
export function revocationLogContract(name: string, open: () => Promise<RevocationLog>): void {
  describe(`${name} keeps the promises of a revocation log`, () => {
    test('is empty at first, and says so with authority', async () => {
      const log = await open()
      const end = await log.end()
      expect(end).toMatchObject({ entries: [], isAuthoritative: true, position: { sequence: 0 } })
      expect(await loaded(log, end.position)).toEqual(new Map())
    })

    test('has what was recorded in the set and on the stream, whatever is named', async () => {
      const log = await open()
      const before = await log.end()
      const recorded = []
      for (const scope of SCOPES) recorded.push(await log.record(scope, HOUR_MS))
      for (const [index, { revocation, status, holders, wanted }] of recorded.entries()) {
        expect({ scope: revocation.scope, status, holders, wanted }).toEqual({
          scope: SCOPES[index],
          status: 'accepted',
          holders: 0,
          wanted: 0,
        })
        expect(revocation.atMs).toBeGreaterThanOrEqual(before.clockMs)
        expect(revocation.expiresAtMs).toBe(revocation.atMs + HOUR_MS)
      }
      const revocations = recorded.map(({ revocation }) => revocation)
      expect([...(await loaded(log)).values()]).toHaveLength(SCOPES.length)
      expect([...(await loaded(log)).values()]).toEqual(expect.arrayContaining(revocations))
      const { entries, end } = await readToEnd(log, before.position)
      expect(entries).toEqual(revocations.map((revocation) => ({ kind: 'revoked', revocation })))
      expect(end.isAuthoritative).toBe(true)
      expect(end.position.sequence).toBe(before.position.sequence + SCOPES.length)
      expect((await log.end()).position).toEqual(end.position)
    })

    test('keeps the latest moment and the latest end of a scope', async () => {
      const log = await open()
      const first = await log.record(ADA, 5 * HOUR_MS)
      const second = await log.record(ADA, HOUR_MS)
      expect(second.revocation.atMs).toBeGreaterThanOrEqual(first.revocation.atMs)
      expect(second.revocation.expiresAtMs).toBe(first.revocation.expiresAtMs)
      expect([...(await loaded(log)).values()]).toEqual([second.revocation])
    })

    test('tells of a changed session on the stream, and keeps nothing of it', async () => {
      const log = await open()
      const { position } = await log.end()
      await log.announce('sid-1')
      await log.announce('sid-1')
      const entry = { kind: 'session-changed', sid: 'sid-1' }
      expect((await readToEnd(log, position)).entries).toEqual([entry, entry])
      expect(await loaded(log)).toEqual(new Map())
    })

    test('waits for something to come, a second at most', async () => {
      const log = await open()
      const { position } = await log.end()
      const startedAt = performance.now()
      expect(await log.read(position, AbortSignal.timeout(5000))).toMatchObject({
        entries: [],
        position,
        isAuthoritative: true,
      })
      const waited = performance.now() - startedAt
      expect(waited).toBeGreaterThan(800)
      expect(waited).toBeLessThan(2500)
      const reading = log.read(position, AbortSignal.timeout(5000))
      const { revocation } = await log.record(ADA, HOUR_MS)
      expect(await reading).toMatchObject({ entries: [{ kind: 'revoked', revocation }] })
    })

    test('lets go of a reader at once when it is told to', async () => {
      const log = await open()
      const { position } = await log.end()
      const abort = new AbortController()
      const reading = log.read(position, abort.signal)
      abort.abort()
      await expect(reading).rejects.toThrow()
      await expect(log.read(position, abort.signal)).rejects.toThrow()
    })

    test('gives every reader every entry, in one order', async () => {
      const log = await open()
      const { position } = await log.end()
      const count = 300
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          index % 3 === 0
            ? log.announce(`sid-${index}`)
            : log.record({ kind: 'session', sid: `sid-${index}` }, HOUR_MS),
        ),
      )
      const [one, other] = [await readToEnd(log, position), await readToEnd(log, position)]
      expect(one.entries).toHaveLength(count)
      expect(other.entries).toEqual(one.entries)
      expect((await loaded(log)).size).toBe(200)
    })

    test('calls it a gap when a reader stands where it cannot have been', async () => {
      const log = await open()
      await log.record(ADA, HOUR_MS)
      const { position } = await log.end()
      const signal = AbortSignal.timeout(5000)
      expect(await log.read({ ...position, server: 'another' }, signal)).toBe('gap')
      expect(await log.read({ ...position, sequence: position.sequence + 1 }, signal)).toBe('gap')
    })

    test('takes back what it has lost, with its own moment, and tells every reader', async () => {
      const log = await open()
      const { position, clockMs } = await log.end()
      const lost = SCOPES.map((scope, index) => ({
        scope,
        atMs: clockMs - index,
        expiresAtMs: clockMs + HOUR_MS + index,
      }))
      await log.restore(lost)
      expect([...(await loaded(log)).values()]).toEqual(expect.arrayContaining(lost))
      expect((await readToEnd(log, position)).entries).toEqual(
        lost.map((revocation) => ({ kind: 'revoked', revocation })),
      )
    })

    test('takes nothing back that it has, or that is older or over', async () => {
      const log = await open()
      const { revocation } = await log.record(ADA, 2 * HOUR_MS)
      const { position, clockMs } = await log.end()
      await log.restore([
        revocation,
        { ...revocation, atMs: revocation.atMs - 5, expiresAtMs: revocation.expiresAtMs - 5 },
        { scope: { kind: 'everybody' }, atMs: clockMs - HOUR_MS, expiresAtMs: clockMs - 1 },
      ])
      expect([...(await loaded(log)).values()]).toEqual([revocation])
      expect((await log.end()).position).toEqual(position)
    })

    test('takes back what is later or lasts longer', async () => {
      const log = await open()
      const { revocation } = await log.record(ADA, HOUR_MS)
      const later = { ...revocation, atMs: revocation.atMs + 5, expiresAtMs: revocation.expiresAtMs - 5 }
      const longer = { ...revocation, expiresAtMs: revocation.expiresAtMs + 5 }
      await log.restore([later])
      await log.restore([longer])
      expect([...(await loaded(log)).values()]).toEqual([{ ...longer, atMs: later.atMs }])
    })

    test('has a clock that never goes back, nor behind what was given back', async () => {
      const log = await open()
      const { clockMs } = await log.end()
      const ahead = { scope: ADA, atMs: clockMs + HOUR_MS, expiresAtMs: clockMs + 9 * HOUR_MS }
      await log.restore([ahead])
      const { revocation } = await log.record({ kind: 'everybody' }, HOUR_MS)
      expect(revocation.atMs).toBeGreaterThanOrEqual(ahead.atMs)
      let last = revocation.atMs
      for (let time = 0; time < 20; time += 1) {
        const end = await log.end()
        expect(end.clockMs).toBeGreaterThanOrEqual(last)
        expect(end.timeMs).toBeLessThan(ahead.atMs)
        last = end.clockMs
      }
    })

    test('refuses what it could not give back', async () => {
      const log = await open()
      await expect(log.record({ kind: 'subject', subject: '' }, HOUR_MS)).rejects.toThrow(ScopeNotStorableError)
      expect(await loaded(log)).toEqual(new Map())
    })
  })
}
