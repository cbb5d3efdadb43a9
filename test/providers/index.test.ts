import { describe, expect, test, vi } from 'vitest'
import { startHostileProvider } from '../parts/hostile-provider.ts'
import { attempt, providerFor, settingsFor } from './setting-up.ts'

describe('the providers of now', () => {
  test('keep an instance whose settings are the same, with all it has fetched', async () => {
    await using op = await startHostileProvider()
    const { providers } = providerFor(settingsFor(op.issuer))
    const before = providers.get('main')
    await before?.authorizationUrl(attempt)
    providers.replace([settingsFor(op.issuer)])
    expect(providers.get('main')).toBe(before)
    await before?.authorizationUrl(attempt)
    expect(op.calls.discovery).toBe(1)
  })

  test('drop one that is gone, and make one anew whose settings changed', async () => {
    await using op = await startHostileProvider()
    const { providers } = providerFor(settingsFor(op.issuer))
    const before = providers.get('main')
    providers.replace([settingsFor(op.issuer, { clientID: 'other' }), { ...settingsFor(op.issuer), name: 'second' }])
    expect(providers.get('main')).not.toBe(before)
    expect(providers.list().map(({ name }) => name)).toEqual(['main', 'second'])
    providers.replace([])
    expect(providers.get('main')).toBeUndefined()
    expect(providers.list()).toEqual([])
    expect(providers.endSessionOrigins()).toEqual([])
  })

  test('have a revision that changes with what a login relies on, and not with name plate and secret', () => {
    const settings = settingsFor('http://localhost:1')
    const revisionOf = (one: typeof settings) => providerFor(one).provider.revision
    expect(revisionOf({ ...settings, displayName: 'New', clientSecret: 'new' })).toBe(revisionOf(settings))
    expect(revisionOf({ ...settings, name: 'second' })).not.toBe(revisionOf(settings))
    expect(revisionOf(settingsFor('http://localhost:2'))).not.toBe(revisionOf(settings))
    expect(revisionOf(settingsFor('http://localhost:1', { trustEmail: true }))).not.toBe(revisionOf(settings))
  })

  test('learn where a logout may lead without waiting for a login', async () => {
    await using op = await startHostileProvider()
    const { providers } = providerFor(settingsFor(op.issuer))
    providers.replace([settingsFor(op.issuer), { ...settingsFor(op.issuer), name: 'second' }])
    await vi.waitFor(() => expect(providers.endSessionOrigins()).toEqual([op.issuer]))
  })

  test('give two providers’ people of one name different subjects, and one person always the same', async () => {
    await using op = await startHostileProvider()
    const { providers } = providerFor(settingsFor(op.issuer))
    providers.replace([settingsFor(op.issuer), { ...settingsFor(op.issuer), name: 'second' }])
    const subjectAt = async (name: string) => {
      const provider = providers.get(name)
      if (provider === undefined) return expect.unreachable()
      const url = op.authorize(await provider.authorizationUrl(attempt))
      return (await provider.complete(attempt, { url, body: undefined })).identity.subject
    }
    expect(await subjectAt('main')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await subjectAt('main')).toBe(await subjectAt('main'))
    expect(await subjectAt('second')).not.toBe(await subjectAt('main'))
  })
})
