import type { KnownToken } from '../../src/check/credentials/app-token.ts'
import type { Application } from '../../src/policy/application.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import type { Session } from '../../src/sessions/session.ts'
import type { CheckEntry, RevocationEntry, SessionEntry } from '../history.ts'
import type { Random } from './random.ts'
import type { Replica } from './replica.ts'
import { amendSession } from './session-records.ts'
import type { World } from './world.ts'

/** What people and programs do. Each of these resolves when there is an answer, or when it is waited for no longer. */
export interface Clients {
  /** How many wait for an answer. */
  waiting(): number
  /** Signs somebody in and has a token minted at the same replica; what fails leaves no trace in the history. */
  signIn(replica: string): Promise<void>
  /** Mints another token for somebody who is signed in. */
  mint(replica: string): Promise<void>
  check(replica: string, token: string): Promise<void>
  /**
   * Lets the time come at which a session is due to be refreshed, for every replica; now and then the provider has ended it.
   * Gives a token of it.
   */
  letBeDue(): string | undefined
  /** Revokes something that is there. Gives a token that it reaches; undefined: there is none yet. */
  revoke(replica: string): Promise<string | undefined>
  /** Ends somebody's session as a sign-out does: revokes it, then removes its record. */
  signOut(replica: string): Promise<string | undefined>
}

const PATIENCE_MS = 6000
const DAY_MS = 86_400_000
const APPLICATIONS = ['apps/wiki', 'apps/mail', 'apps/news', 'apps/chat'].map(applicationOf)
const PEOPLE = ['ada', 'bob', 'eve', 'kim', 'liv', 'max', 'noa', 'pia']

export function createClients(world: World, random: Random): Clients {
  const { schedule, record, tokens, provider } = world
  const sessions: SessionEntry[] = []
  let number = 0
  let waiting = 0

  /** Has a replica do something; undefined: it does not answer, because it is not there, or in time. */
  function ask<Answer>(
    name: string,
    work: (replica: Replica) => Promise<Answer> | Answer,
  ): Promise<Answer | undefined> {
    waiting += 1
    return new Promise<Answer | undefined>((resolve) => {
      const replica = world.replica(name)
      const callOff = schedule.later(PATIENCE_MS, () => resolve(undefined))
      async function begin(): Promise<void> {
        const answer = await work(replica)
        // A process that has been stopped or killed meanwhile sends its answer when it runs again, or never.
        replica.process.later(0, () => {
          callOff()
          resolve(answer)
        })
      }
      replica.process.later(1, () => void begin())
    }).finally(() => {
      waiting -= 1
    })
  }

  /** Most can be refreshed, the first time soon: a real provider would be left alone for most of a minute. */
  async function withRefresh(replica: Replica, session: Session): Promise<Session> {
    if (random.chance(0.3)) return session
    const refreshToken = world.provider.grant(session.sid)
    const refresh = await replica.refresher.begin({ refreshToken, expiresAtMs: undefined }, session.expiresAtMs)
    const dueAtMs = replica.clock.now() + random.between(200, 8000)
    return { ...session, refresh: refresh && { ...refresh, dueAtMs } }
  }

  const timing = (invokedAtMs: number) => ({ client: 'c', invokedAtMs, answeredAtMs: schedule.now() })

  async function begun(replica: Replica, sid: string, person: string): Promise<Session | undefined> {
    try {
      const session = await withRefresh(replica, sessionOf(sid, person, replica.clock.issueTime()))
      await replica.sessions.save(session)
      return session
    } catch (error) {
      if (error instanceof StoreUnavailableError) return undefined
      throw error
    }
  }

  async function mintFor(name: string, session: SessionEntry): Promise<void> {
    const invokedAtMs = schedule.now()
    const application = random.pick(APPLICATIONS)
    const text = `t${number++}`
    const token = await ask(name, ({ clock }) => minted(session, application, clock.lowerBound()))
    // Before the store has been heard of there is no moment of issue.
    if (token === undefined || token.token.issuedAtMs === 0) return
    tokens.set(text, token)
    const { sid } = session
    const of = { token: text, sid, application: application.key, expiresAtMs: DAY_MS }
    record({ kind: 'token', ...timing(invokedAtMs), ...of })
  }

  async function revokeScope(name: string, scope: RevocationScope): Promise<RevocationEntry['answer']> {
    const invokedAtMs = schedule.now()
    const answer = await ask(name, async ({ revoker }): Promise<RevocationEntry['answer']> => {
      try {
        return (await revoker.revoke(scope, { actor: 'admin', reason: 'simulation' })).status
      } catch (error) {
        if (error instanceof StoreUnavailableError) return 'unknown'
        throw error
      }
    })
    const result = answer ?? 'unknown'
    record({ kind: 'revocation', ...timing(invokedAtMs), replica: name, scope, answer: result })
    return result
  }

  return {
    waiting: () => waiting,
    async signIn(name) {
      const invokedAtMs = schedule.now()
      const sid = `s${number++}`
      const session = await ask(name, (replica) => begun(replica, sid, random.pick(PEOPLE)))
      if (session === undefined) return
      const { provider, subject, email } = session.identity
      const who = { sid, provider, subject, email, providerSid: session.providerSid, expiresAtMs: DAY_MS }
      const entry: SessionEntry = { kind: 'session', ...timing(invokedAtMs), ...who }
      sessions.push(entry)
      record(entry)
      await mintFor(name, entry)
    },
    async mint(name) {
      if (sessions.length > 0) await mintFor(name, random.pick(sessions))
    },
    async check(name, token) {
      const invokedAtMs = schedule.now()
      const known = tokens.get(token)
      const application = APPLICATIONS.find(({ audience }) => audience === known?.token.audience)
      if (application === undefined) return
      const answer = await ask(name, async ({ authenticate, clock }): Promise<CheckEntry['answer']> => {
        const { kind } = await authenticate(application, { cookies: '', token }, clock.now())
        return kind === 'session' ? 'allow' : kind === 'nobody' ? 'challenge' : 'unavailable'
      })
      const of = { replica: name, token, answer: answer ?? 'none', clearedCookie: false } as const
      record({ kind: 'check', ...timing(invokedAtMs), ...of })
    },
    letBeDue() {
      const renewable = provider.renewable()
      if (renewable.length === 0) return undefined
      const sid = random.pick(renewable)
      if (random.chance(0.15)) provider.end(sid)
      amendSession(world.servers, sid, ({ refresh, ...session }) => ({
        ...session,
        refresh: refresh && { ...refresh, dueAtMs: 1 },
      }))
      for (const replica of world.replicaNames) world.replica(replica).cache.changed(sid)
      return [...tokens].find(([, { token }]) => token.sid === sid)?.[0]
    },
    async revoke(name) {
      const known = anyToken()
      if (known === undefined) return undefined
      await revokeScope(name, randomScope(known, random))
      return known.text
    },
    async signOut(name) {
      const known = anyToken()
      if (known === undefined) return undefined
      const { sid } = known.session
      const answer = await revokeScope(name, { kind: 'session', sid })
      if (answer === 'unknown') return known.text
      const isDone = await ask(name, ({ sessions: store }) => store.remove(sid).catch(unlessUnavailable))
      if (isDone !== undefined) world.watch.removed(sid)
      return known.text
    },
  }

  function anyToken(): Known | undefined {
    if (tokens.size === 0) return undefined
    const [text, { token }] = random.pick([...tokens])
    const session = sessions.find(({ sid }) => sid === token.sid)
    return session && { text, session, application: token.audience }
  }
}

interface Known {
  readonly text: string
  readonly session: SessionEntry
  readonly application: string
}

function unlessUnavailable(error: unknown): undefined {
  if (!(error instanceof StoreUnavailableError)) throw error
}

function randomScope({ session, application }: Known, random: Random): RevocationScope {
  const { sid, provider, subject, email = '', providerSid = '' } = session
  return random.pick<RevocationScope>([
    { kind: 'session', sid },
    { kind: 'session', sid },
    { kind: 'session', sid },
    { kind: 'provider-session', provider, providerSid },
    { kind: 'provider-session', provider, providerSid },
    { kind: 'subject', subject },
    { kind: 'email', email },
    { kind: 'application', application },
    { kind: 'everybody' },
  ])
}

function sessionOf(sid: string, person: string, createdAtMs: number): Session {
  const who = { email: `${person}@example.com`, emailVerified: true, name: undefined, preferredUsername: undefined }
  return {
    ...{ sid, createdAtMs, expiresAtMs: createdAtMs + DAY_MS, userAgent: '', clientAddress: undefined },
    ...{ sealedIdToken: undefined, providerSid: `${sid}-at-idp`, refresh: undefined },
    identity: { provider: 'idp', subject: person, ...who, groups: [], groupsIncomplete: false, claims: {} },
  }
}

function minted({ sid, subject }: SessionEntry, { audience }: Application, issuedAtMs: number): KnownToken {
  const life = { issuedAtMs, notBeforeMs: 0, expiresAtMs: Number.POSITIVE_INFINITY }
  return { token: { sid, subject, audience, kid: 'k', ...life }, remembered: undefined }
}

function applicationOf(key: string): Application {
  const [namespace = '', name = ''] = key.split('/')
  return {
    ...{ key, namespace, name, audience: key, cookieName: 'c', sameSite: 'Lax', destinations: [], policies: [] },
    ...{ isBroken: false, identityProviders: undefined, sessionSeconds: undefined, identityHeaders: [] },
    ...{ assertionGroups: false },
  } as unknown as Application
}
