import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { ProviderError } from '../../src/providers/provider.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import { IdentityUnconfirmedError } from '../../src/sessions/refresh.ts'
import type { Session } from '../../src/sessions/session.ts'
import { only, openStage, overdue, refreshed } from './refresh-stage.ts'
import { sampleSession, sampleStoredSession } from './sample-session.ts'

const DOWN = new ProviderError('provider-unreachable', 'told so')

describe('a session that has to be confirmed', () => {
  test('is served as the provider vouches for it now', async () => {
    const stage = await openStage()
    const session = overdue(stage, await stage.dueSession())
    stage.provider.groups = ['board']
    const confirmed = await only(stage).ensureConfirmed(session)
    expect(confirmed?.identity.groups).toEqual(['board'])
    expect(Object.keys(confirmed?.refresh ?? {})).toEqual(['dueAtMs', 'confirmedAtMs'])
    expect(confirmed).not.toHaveProperty('sealedIdToken')
  })

  test('is served as it is as long as it need not be', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    expect(await only(stage).ensureConfirmed(session)).toBe(session)
    expect(stage.provider.asked).toEqual([])
  })

  test('is neither a yes nor a no while the provider is down, and costs one call in a while', async () => {
    const stage = await openStage()
    const session = overdue(stage, await stage.dueSession())
    stage.provider.trouble = DOWN
    for (let round = 0; round < 20; round += 1) {
      await expect(only(stage).ensureConfirmed(session)).rejects.toThrow(IdentityUnconfirmedError)
    }
    expect(stage.provider.asked).toHaveLength(1)
    expect(await stage.find(session.sid)).toBeDefined()
    stage.provider.trouble = undefined
    stage.time.advance(10_000)
    expect(await only(stage).ensureConfirmed(session)).toMatchObject({ sid: session.sid })
  })

  test('has ended if the provider says so', async () => {
    const stage = await openStage()
    const session = overdue(stage, await stage.dueSession())
    stage.provider.current = undefined
    const confirmed = only(stage).ensureConfirmed(session)
    let isOver = false
    void confirmed.finally(() => {
      isOver = true
    })
    await stage.until('it is known', () => isOver)
    expect(await confirmed).toBeUndefined()
    expect(stage.revoked).toHaveLength(1)
  })

  test('waits for a provider that hesitates no longer than a check may, and the refresh goes on', async () => {
    const stage = await openStage()
    const session = overdue(stage, await stage.dueSession())
    const { promise, resolve } = Promise.withResolvers<void>()
    stage.provider.before = () => promise
    const failure = expect(only(stage).ensureConfirmed(session)).rejects.toThrow(IdentityUnconfirmedError)
    await stage.until('the provider is asked', () => stage.provider.asked.length > 0)
    stage.time.advance(4500)
    await failure
    resolve()
    await stage.until('it is renewed', () => stage.events.at(-1)?.outcome === 'renewed')
    expect(await stage.tokenOf(session.sid)).toBe('token-1')
  })

  test('says that the store is away if that is what is the matter', async () => {
    const stage = await openStage()
    const session = overdue(stage, await stage.dueSession())
    stage.down.add('*')
    await expect(only(stage).ensureConfirmed(session)).rejects.toThrow(StoreUnavailableError)
  })

  test('is confirmed once for all replicas and all who ask', async () => {
    const stage = await openStage({ replicas: 3 })
    const session = overdue(stage, await stage.dueSession())
    const asked = stage.refreshers.flatMap((one) => Array.from({ length: 10 }, () => one.ensureConfirmed(session)))
    let isOver = false
    void Promise.all(asked).then(() => {
      isOver = true
    })
    await stage.until('all know', () => isOver)
    expect(stage.provider.asked).toEqual(['token-0'])
    expect((await Promise.all(asked)).every((one) => one?.sid === session.sid)).toBe(true)
  })
})

describe('a lock that is lost meanwhile', () => {
  test('does not make a used-up token end the session: the next one is on its way', async () => {
    const stage = await openStage({ replicas: 2, lockLifeMs: 9000 })
    const [slow, quick] = stage.refreshers
    const session = await stage.dueSession()
    // The first replica has the next token and cannot write it; its lock ends, and the other one asks with the old token.
    stage.provider.before = async () => void stage.down.add('update').add('prolong')
    stage.provider.after = async () => {
      stage.time.advance(20_000)
      stage.provider.before = async () => undefined
      stage.down.delete('prolong')
      quick?.onDue(session)
      await stage.until('the other one is refused', () => stage.provider.refused.length > 0)
      stage.down.clear()
    }
    slow?.onDue(session)
    await stage.until('all have ended', () => stage.refreshers.every((one) => one.size() === 0))
    expect(stage.provider.refused).toEqual(['token-0'])
    expect(stage.revoked).toEqual([])
    expect(await stage.tokenOf(session.sid)).toBe('token-1')
  })

  test('leaves alone what another replica has written since', async () => {
    const stage = await openStage({ replicas: 1 })
    const session = await stage.dueSession()
    stage.provider.rotates = false
    stage.provider.after = async () => {
      const found = await stage.find(session.sid)
      if (found?.refresh === undefined) throw new Error('there is a session')
      const { lastSeenAtMs: _, ...rest } = found
      await stage.store.update({ ...rest, refresh: { ...found.refresh, sealedToken: 'of-another', dueAtMs: 1e15 } })
      stage.down.add('prolong')
      stage.time.advance(20_000)
    }
    await refreshed(stage, session)
    expect((await stage.find(session.sid))?.refresh?.sealedToken).toBe('of-another')
  })

  test('leaves alone what another replica writes in the very moment of its own writing', async () => {
    const identity = { ...sampleSession().identity, groups: ['of-another'] }
    let theirs: Session | undefined
    const stage = await openStage({
      store: (now) => {
        const store = memorySessionStore({ now })
        return {
          ...store,
          async update(session, ...held) {
            const written = theirs
            theirs = undefined
            if (written !== undefined) await store.update(written)
            return store.update(session, ...held)
          },
        }
      },
    })
    stage.provider.rotates = false
    // Two replicas take themselves for the holder of the lock: one has asked before the other, and writes after it.
    const [first, second] = [await stage.dueSession(), await stage.dueSession()]
    await refreshed(stage, second)
    const renewed = (await stage.find(second.sid))?.refresh
    if (renewed === undefined) throw new Error('it has been renewed')
    const { lastSeenAtMs: _, ...session } = (await stage.find(first.sid)) ?? sampleStoredSession()
    theirs = { ...session, identity, refresh: renewed }
    await refreshed(stage, first)
    expect((await stage.find(first.sid))?.identity.groups).toEqual(['of-another'])
  })

  test('has another seal on the same token after each renewal, by which a later record is known from an earlier one', async () => {
    const stage = await openStage()
    stage.provider.rotates = false
    const session = await stage.dueSession()
    const before = (await stage.find(session.sid))?.refresh?.sealedToken
    await refreshed(stage, session)
    expect((await stage.find(session.sid))?.refresh?.sealedToken).not.toBe(before)
    expect(await stage.tokenOf(session.sid)).toBe('token-0')
  })
})
