import { afterAll, beforeAll, expect, test } from 'vitest'
import { show } from '../../faults/show.ts'
import type { Token } from '../../faults/trial.ts'
import type { Session } from '../../src/sessions/session.ts'
import { needs } from '../parts/needs.ts'
import type { RedisLogin } from '../parts/redis-command.ts'
import { causedBy, commandsDuring } from '../parts/redis-monitor.ts'
import { openSessionWriter, type SessionWriter } from '../parts/session-writer.ts'
import { all, type Guest, openTrio, type Trio } from './trio.ts'

const SESSIONS = 5_000
const AT_ONCE = 500
const CHECKS = 1_000

needs('redis-server', `What checks ask of a store with ${SESSIONS.toLocaleString('en')} sessions`, () => {
  let trio: Trio
  let writer: SessionWriter
  let redis: { readonly port: number; readonly login: RedisLogin }
  let guest: Guest
  const sessions: Session[] = []

  beforeAll(async () => {
    trio = await openTrio()
    guest = await trio.arrive('person-0')
    const { store, keyFile } = trio.scene
    redis = { port: (await store.master()).port, login: store.login }
    writer = await openSessionWriter({ ...redis, keyFile })
    while (sessions.length < SESSIONS) {
      sessions.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => writer.write()))))
    }
    await trio.replica(0).restart()
  }, 60_000)
  afterAll(async () => {
    await writer?.[Symbol.asyncDispose]()
    await trio?.[Symbol.asyncDispose]()
  })

  async function tokenOf(session: Session | undefined): Promise<Token> {
    if (session === undefined) throw new Error('there are more sessions than that')
    const token = {
      name: `token-${trio.trial.tokens.length + 1}`,
      cookie: await writer.credential(guest.token.cookie, session),
      application: 'one',
      sid: session.sid,
    } as const
    trio.trial.tokens.push(token)
    return token
  }

  test('is one read for the first check after a replica has started, whatever else lies there', async () => {
    const token = await tokenOf(sessions[0])
    const commands = await commandsDuring(redis, async () => {
      expect(await show(trio.trial, 'test', token, trio.replica(0))).toBe('allow')
    })
    // The record and the note of when it was last seen, in one round trip.
    expect(causedBy(commands), JSON.stringify(commands)).toEqual(['getrange', 'getrange'])
  })

  test('is one read for many checks of a new session at the same moment', async () => {
    const token = await tokenOf(sessions[1])
    const commands = await commandsDuring(redis, async () => {
      const shown = await Promise.all(
        Array.from({ length: 50 }, () => show(trio.trial, 'test', token, trio.replica(0))),
      )
      expect(new Set(shown)).toEqual(new Set(['allow']))
    })
    expect(causedBy(commands), JSON.stringify(commands)).toEqual(['getrange', 'getrange'])
  })

  test(`is nothing for ${CHECKS.toLocaleString('en')} warm checks, beside the look for revocations that is taken anyhow`, async () => {
    const tokens = await Promise.all(sessions.slice(2, 22).map(tokenOf))
    for (const token of tokens) expect(await trio.answers(token)).toEqual(all('allow'))
    let tookMs = 0
    const commands = await commandsDuring(redis, async () => {
      const startedAt = performance.now()
      for (let done = 0; done < CHECKS; done += tokens.length) {
        await Promise.all(tokens.map((token) => show(trio.trial, 'test', token, trio.replica(done % 3))))
      }
      tookMs = performance.now() - startedAt
    })
    expect(causedBy(commands), JSON.stringify(commands)).toEqual([])
    // What each replica asks in any case: a look a second, which is a script and a command that waits for its end, whether the
    // server is the master, and every half minute a handful about its settings.
    expect(commands.length).toBeLessThan(3 * ((tookMs / 1000) * 8 + 20))
  })
})
