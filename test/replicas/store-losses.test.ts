import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { revoke } from '../../faults/revoke.ts'
import { show } from '../../faults/show.ts'
import { needs } from '../parts/needs.ts'
import { openSessionWriter } from '../parts/session-writer.ts'
import { until } from '../parts/until.ts'
import { all, expectRevoked, type Guest, openTrio, type Trio } from './trio.ts'

const MAX_STALENESS_MS = 6_000

needs('redis-server', 'When Redis loses what it had', () => {
  let trio: Trio
  let staying: Guest
  let revoked: Guest
  let people = 0

  beforeAll(async () => {
    trio = await openTrio({ maxStalenessMs: MAX_STALENESS_MS })
  }, 60_000)
  afterAll(() => trio?.[Symbol.asyncDispose]())

  async function newGuest(): Promise<Guest> {
    const guest = await trio.arrive(`person-${people++}`)
    expect(await trio.answers(guest.token)).toEqual(all('allow'))
    return guest
  }

  async function revokedGuest(): Promise<Guest> {
    const guest = await newGuest()
    const scope = { kind: 'session', sid: guest.visitor.sid } as const
    expect(await revoke(trio.trial, 'test', trio.replica(0), scope)).toBe('accepted')
    await expectRevoked(trio, { refused: [guest] })
    return guest
  }

  async function command(...words: readonly string[]): Promise<unknown> {
    const { store } = trio.scene
    return store.command(await store.master(), ...words)
  }

  function untilRedisHas({ visitor: { sid } }: Guest): Promise<unknown> {
    return until('Redis has the revocation back', async () => {
      return (await command('HEXISTS', 'gatehouse:{revocation}:set', `session/${sid}`)) === 1
    })
  }

  /** Holds for so long that those who stay are let in everywhere, and whoever is revoked nowhere. */
  async function expectSteady(forMs: number): Promise<void> {
    const startedAt = performance.now()
    do {
      expect(await trio.answers(staying.token)).toEqual(all('allow'))
      expect(await trio.answers(revoked.token)).not.toContain('allow')
    } while (performance.now() - startedAt < forMs)
  }

  test('by FLUSHALL, nobody is signed out, and Redis is given the revocations back', async () => {
    staying = await newGuest()
    revoked = await revokedGuest()
    await command('FLUSHALL')
    await expectSteady(1_500)
    await untilRedisHas(revoked)
    // Whoever signs in and is revoked from now on is as well off as before.
    await newGuest()
    await revokedGuest()
  })

  test('by FLUSHALL, what was revoked stays revoked at a replica that starts afterwards', async () => {
    staying = await newGuest()
    revoked = await newGuest()
    const { store, keyFile } = trio.scene
    await using writer = await openSessionWriter({ port: (await store.master()).port, login: store.login, keyFile })
    const record = await writer.store.find(revoked.visitor.sid)
    await revoke(trio.trial, 'test', trio.replica(1), { kind: 'session', sid: revoked.visitor.sid })
    await command('FLUSHALL')
    await untilRedisHas(revoked)
    await trio.replica(0).restart()
    // Somebody puts the record back, as a restored backup does.
    if (record === undefined) throw new Error('the session had a record')
    const { lastSeenAtMs: _, ...session } = record
    await writer.store.save(session)
    await expectRevoked(trio, { refused: [revoked] })
    const { token } = staying
    for (const index of [1, 2]) expect(await show(trio.trial, 'test', token, trio.replica(index))).toBe('allow')
    // The one that has never seen the session sends its owner to sign in, as it must.
    expect(await show(trio.trial, 'test', token, trio.replica(0))).toBe('challenge')
  })

  test('by a crash and a restart with older data, what has been revoked since then stays revoked', async () => {
    staying = await newGuest()
    const server = await trio.scene.store.master()
    const [, directory = ''] = (await command('CONFIG', 'GET', 'dir')) as string[]
    const [data, copy] = [join(directory, 'appendonlydir'), join(directory, 'older')]
    await cp(data, copy, { recursive: true })
    revoked = await revokedGuest()
    await server.kill9()
    await expectSteady(500)
    await rm(data, { recursive: true })
    await cp(copy, data, { recursive: true })
    await server.restart()
    await expectSteady(1_500)
    await untilRedisHas(revoked)
    await trio.untilAll('challenge', [revoked.token])
  })

  test('by being away for too long, replicas answer 503 and keep the cookies, and go on by themselves when it is back', async () => {
    staying = await newGuest()
    revoked = await revokedGuest()
    const server = await trio.scene.store.master()
    await server.kill9()
    await expectSteady(500)
    await trio.untilAll('unavailable', [staying.token], MAX_STALENESS_MS + 3_000)
    expect(await trio.answers(revoked.token)).not.toContain('allow')
    expect(trio.hasLostCookie(staying.token)).toBe(false)
    for (const replica of trio.scene.replicas) expect(await replica.isReady()).toBe(true)
    await server.restart()
    await trio.untilAll('allow', [staying.token])
    await trio.untilAll('challenge', [revoked.token])
    await newGuest()
  })
})
