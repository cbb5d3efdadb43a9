import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Manifest, PROVIDER, registrationFor } from '../../faults/places.ts'
import { oneTimeRace } from '../../faults/scenarios/one-time-race.ts'
import { show } from '../../faults/show.ts'
import { needs } from '../parts/needs.ts'
import { type CookieJar, logOutOverHttp } from '../parts/openid-login.ts'
import { openSessionWriter, type SessionWriter } from '../parts/session-writer.ts'
import { until } from '../parts/until.ts'
import { type Ingress, postForm, startIngress } from './ingress.ts'
import { all, expectRevoked, type Guest, openTrio, type Trio } from './trio.ts'

const IDLE_MS = 5 * 60_000
/** How far the note of a use may lag behind. */
const NOTED_MS = 60_000
const MOST = 3

/** Only engineers are let into `two`, and the provider gives refresh tokens. */
function amend(objects: readonly Manifest[]): readonly Manifest[] {
  const engineers = {
    apiVersion: objects[0]?.apiVersion ?? '',
    kind: 'AccessPolicy',
    metadata: { name: 'engineers', namespace: 'faults' },
    spec: { action: 'Allow', include: [{ group: { name: 'engineering' } }] },
  }
  const amended = objects.map((object) => {
    const { kind, metadata, spec } = object
    if (kind === 'AccessApplication' && metadata.name === 'two')
      return { ...object, spec: { ...spec, policies: [{ name: 'engineers' }] } }
    if (kind !== 'IdentityProvider' || metadata.name !== PROVIDER) return object
    const scopes = ['openid', 'email', 'profile', 'offline_access']
    return { ...object, spec: { ...spec, oidc: { ...(spec.oidc as object), scopes, consentPrompt: true } } }
  })
  return [...amended, engineers]
}

needs('redis-server', 'Sessions of three replicas', () => {
  let trio: Trio
  let writer: SessionWriter
  let ingress: Ingress
  /** Which replica hears of the provider's logouts; undefined: none. */
  let hearing: number | undefined

  beforeAll(async () => {
    trio = await openTrio({
      amend,
      config: { sessions: { duration: '1h', idleTimeout: `${IDLE_MS}ms`, maxPerUser: MOST } },
    })
    const { scene } = trio
    ingress = await startIngress(scene.authUrl.host, () =>
      hearing === undefined ? undefined : trio.replica(hearing).ports.portal,
    )
    scene.provider.addClient({
      ...registrationFor(scene.authUrl),
      backchannelLogoutUri: `${ingress.origin}/backchannel-logout/${PROVIDER}`,
    })
    const { store, keyFile } = scene
    writer = await openSessionWriter({ port: (await store.master()).port, login: store.login, keyFile })
  }, 60_000)
  afterAll(async () => {
    await writer?.[Symbol.asyncDispose]()
    await ingress?.[Symbol.asyncDispose]()
    await trio?.[Symbol.asyncDispose]()
  })

  function setGroups(login: string, groups: readonly string[]): void {
    const account = trio.scene.accounts.find(({ sub }) => sub === login)
    Object.assign(account ?? {}, { groups })
  }

  /** As if the access token had come to its end, for which the provider would otherwise be left alone for most of a minute. */
  async function letRefreshBeDue({ visitor: { sid } }: Guest): Promise<void> {
    const session = await writer.store.find(sid)
    if (session?.refresh === undefined) throw new Error('the session has no refresh token')
    const { lastSeenAtMs: _, ...kept } = session
    await writer.store.update({ ...kept, refresh: { ...session.refresh, dueAtMs: Date.now() - 1 } })
    await writer.announce(sid)
  }

  async function tokenOf(sid: string, cookie: string) {
    const token = { name: `token-${trio.trial.tokens.length + 1}`, cookie, application: 'one', sid } as const
    trio.trial.tokens.push(token)
    return token
  }

  describe('have their groups asked for again', () => {
    test('by one of them, and all decide anew', async () => {
      setGroups('person-0', ['engineering'])
      const guest = await trio.arrive('person-0', { application: 'two' })
      expect(await trio.answers(guest.token)).toEqual(all('allow'))
      setGroups('person-0', ['sales'])
      await letRefreshBeDue(guest)
      await trio.untilAll('forbid', [guest.token])
      setGroups('person-0', ['engineering'])
      await letRefreshBeDue(guest)
      await trio.untilAll('allow', [guest.token])
    })

    test('and are ended everywhere when the provider no longer vouches for them', async () => {
      const [guest, other] = [await trio.arrive('person-1'), await trio.arrive('person-2')]
      expect(await trio.answers(guest.token)).toEqual(all('allow'))
      trio.scene.provider.revokeGrants('person-1')
      await letRefreshBeDue(guest)
      await trio.untilAll('challenge', [guest.token])
      expect(await trio.answers(other.token)).toEqual(all('allow'))
    })
  })

  describe('that nobody uses', () => {
    async function seenAgoMs(agoMs: number) {
      const { token: like } = await trio.arrive('person-3')
      const createdAtMs = Date.now() - agoMs
      const session = await writer.write({ createdAtMs })
      return tokenOf(session.sid, await writer.credential(like.cookie, session))
    }

    test('end at all of them', async () => {
      const token = await seenAgoMs(IDLE_MS + NOTED_MS + 1_000)
      expect(await trio.answers(token)).toEqual(all('challenge'))
    })

    test('last at all of them if one sees them in use', async () => {
      const leftMs = 3_000
      const token = await seenAgoMs(IDLE_MS + NOTED_MS - leftMs)
      const startedAt = performance.now()
      expect(await show(trio.trial, 'test', token, trio.replica(0))).toBe('allow')
      await until('it would have ended', () => performance.now() - startedAt > leftMs + 500)
      expect(await trio.answers(token)).toEqual(all('allow'))
    })
  })

  test(`of one person are no more than ${MOST}, whichever of them they sign in at`, async () => {
    const guests: Guest[] = []
    for (let index = 0; index < MOST + 2; index += 1) guests.push(await trio.arrive('person-4', { at: index % 3 }))
    await expectRevoked(trio, { refused: guests.slice(0, 2), others: guests.slice(2) })
  })

  describe('that the provider ends', () => {
    test('are refused by all of them within a second, and nobody else’s', async () => {
      hearing = 1
      const providerJar: CookieJar = new Map()
      const leaving = await trio.arrive('person-5', { providerJar })
      const sameAgain = await trio.arrive('person-5')
      const other = await trio.arrive('person-6')
      expect(await trio.answers(leaving.token)).toEqual(all('allow'))
      await logOutOverHttp(trio.scene.provider.issuer, providerJar)
      await expectRevoked(trio, { refused: [leaving], others: [sameAgain, other] })
      const { token } = await trio.arrive('person-5')
      expect(await trio.answers(token)).toEqual(all('allow'))
    })

    test('are ended by one of a hundred posts of the same logout token', async () => {
      hearing = undefined
      const providerJar: CookieJar = new Map()
      const guest = await trio.arrive('person-7', { providerJar })
      const before = ingress.passed.length
      await logOutOverHttp(trio.scene.provider.issuer, providerJar)
      const post = await until('the provider has posted a logout token', () => ingress.passed[before])
      expect(await trio.answers(guest.token)).toEqual(all('allow'))
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          postForm(trio.replica(index % 3).ports.portal, trio.scene.authUrl.host, post),
        ),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      for (const { status } of answers) expect([200, 400, 503]).toContain(status)
      await expectRevoked(trio, { refused: [guest] })
    })
  })

  test('are begun by one of a hundred redemptions of the same code', async () => {
    const problems = await oneTimeRace.during?.(trio.trial)
    expect(problems, [...trio.trial.interruptions.keys()].join()).toEqual([])
  })
})
