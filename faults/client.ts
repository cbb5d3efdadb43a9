import { setTimeout as pause } from 'node:timers/promises'
import type { RevocationScope } from '../src/revocation/revocation.ts'
import { postLogout } from './back-channel.ts'
import { type Browser, createBrowser } from './browser.ts'
import type { RevocationEntry } from './history.ts'
import { keyOf, ROTATING_APPLICATION } from './places.ts'
import { pursue } from './pursue.ts'
import { revoke, signOut } from './revoke.ts'
import { show } from './show.ts'
import { signIn } from './sign-in.ts'
import { anyReplica, oneOf, type Token, type Trial, type Visitor } from './trial.ts'
import { witness } from './witness.ts'

/** Somebody's sign-in, as a client knows it. */
interface Stay {
  readonly visitor: Visitor
  readonly login: string
  readonly browser: Browser
  readonly tokens: Token[]
  /** Whether the client has had it revoked, whatever the answer was. */
  isRevoked: boolean
}

/** How many sign-ins a client keeps at once, and how many of the revoked ones it still tries. */
const MOST_STAYS = 10
const STAYS_AT_FIRST = 6
const MOST_REVOKED = 6
/** Longest that a client asks again and again after a revocation was accepted. */
const PURSUIT_MS = 1_500
/** How many of the sign-ins are at the provider that is asked anew again and again. */
const ROTATING_SHARE = 0.4

/**
 * Signs in, checks, revokes and signs out at any replica until it is told to stop. Whatever goes wrong is recorded, and the
 * client goes on.
 *
 * @param people who this client signs in as, and nobody else does
 */
export async function runClient(
  trial: Trial,
  client: string,
  people: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { random, scene } = trial
  const stays: Stay[] = []

  const live = () => stays.filter(({ isRevoked }) => !isRevoked)
  const ended = () => stays.filter(({ isRevoked }) => isRevoked)

  async function arrive(): Promise<void> {
    const login = oneOf(random, people)
    const browser = createBrowser()
    const application = random() < ROTATING_SHARE ? ROTATING_APPLICATION : 'one'
    const signedIn = await signIn(trial, browser, { client, application, login, pick: () => anyReplica(trial) })
    if (signedIn === undefined) return
    const { visitor, token } = signedIn
    stays.push({ visitor, login, browser, tokens: [token], isRevoked: false })
  }

  /** Another token for a session that there is, or was. */
  async function arriveAgain({ visitor, login, browser, tokens }: Stay): Promise<void> {
    const isRotating = visitor.providerSid !== undefined
    const application = oneOf(random, isRotating ? ([ROTATING_APPLICATION] as const) : (['one', 'two'] as const))
    const copy = browser.copy()
    const wanted = { client, application, login, visitor, pick: () => anyReplica(trial) }
    const signedIn = await signIn(trial, copy, wanted)
    if (signedIn === undefined) return
    if (signedIn.visitor === visitor) tokens.push(signedIn.token)
    else stays.push({ visitor: signedIn.visitor, login, browser: copy, tokens: [signedIn.token], isRevoked: false })
  }

  async function check(among: readonly Stay[]): Promise<void> {
    const token = oneOf(random, oneOf(random, among).tokens)
    if (random() < 0.8) await show(trial, client, token, anyReplica(trial))
    else await Promise.all(scene.replicas.map((replica) => show(trial, client, token, replica)))
  }

  /** The provider has something new to say of a session, or ends it, and is asked; all replicas are looked at meanwhile. */
  async function renew(stay: Stay): Promise<void> {
    const { sid, providerSid } = stay.visitor
    if (providerSid === undefined) return
    if (random() < 0.15) {
      stay.isRevoked = true
      scene.rotating.end(providerSid)
    } else scene.rotating.regroup(providerSid)
    await scene.letBeDue(sid)
    const token = oneOf(random, stay.tokens)
    for (let time = 0; time < 3; time += 1) {
      await Promise.all(scene.replicas.map((replica) => show(trial, client, token, replica)))
      await pause(random() * 400)
    }
  }

  /** The provider ends a session, and says so to one replica or, in doubt, to all of them. */
  async function endAtProvider(stay: Stay, providerSid: string): Promise<RevocationEntry['answer']> {
    stay.isRevoked = true
    const notice = { client, providerSid, ...scene.rotating.logoutToken(providerSid) }
    const answer = await postLogout(trial, { ...notice, replica: anyReplica(trial) })
    const others = scene.replicas.map((replica) => postLogout(trial, { ...notice, replica }))
    await Promise.all(others)
    return answer === 'replayed' ? 'unknown' : answer
  }

  async function end(stay: Stay): Promise<void> {
    const { visitor, browser } = stay
    if (visitor.providerSid !== undefined && random() < 0.5) {
      const told = await endAtProvider(stay, visitor.providerSid)
      return told === 'accepted' ? follow(stay, [stay]) : undefined
    }
    const scope = scopeFor(random(), visitor)
    const isSignOut = random() < 0.15
    const hits = isSignOut ? [stay] : stays.filter((other) => isHit(scope, other.visitor))
    for (const hit of hits) hit.isRevoked = true
    const replica = anyReplica(trial)
    const answer = isSignOut
      ? await signOut(trial, { client, browser: browser.copy(), replica, sid: visitor.sid })
      : await revoke(trial, client, replica, scope)
    if (answer === 'accepted') await follow(stay, hits)
  }

  /** Sees to it that a revocation that was accepted is looked at. */
  async function follow(stay: Stay, hits: readonly Stay[]): Promise<void> {
    for (const token of hits.flatMap(({ tokens }) => tokens)) witness(trial, token)
    await pursue(trial, client, oneOf(random, stay.tokens), { forMs: PURSUIT_MS, pauseMs: 5 })
  }

  function forget(): void {
    for (const surplus of ended().slice(0, -MOST_REVOKED)) stays.splice(stays.indexOf(surplus), 1)
  }

  async function act(): Promise<void> {
    const dice = random()
    if (stays.length === 0 || (dice < 0.5 && live().length < MOST_STAYS)) return arrive()
    if (dice < 0.6) return arriveAgain(oneOf(random, stays))
    const renewable = live().filter(({ visitor }) => visitor.providerSid !== undefined)
    if (dice < 0.75 && renewable.length > 0) return renew(oneOf(random, renewable))
    // While nobody can sign in, some have to stay to be asked for.
    if (live().length > 2) return end(oneOf(random, live()))
  }

  async function ask(): Promise<void> {
    const revoked = ended()
    const among = revoked.length > 0 && (random() < 0.3 || live().length === 0) ? revoked : live()
    if (among.length > 0) await check(among)
  }

  async function repeat(step: () => Promise<void>, leastMs: number, mostMs: number): Promise<void> {
    while (!signal.aborted) {
      await step()
      forget()
      await pause(leastMs + random() * (mostMs - leastMs))
    }
  }
  for (let number = 0; number < STAYS_AT_FIRST && !signal.aborted; number += 1) await arrive()
  // What takes long in trouble does not keep the other waiting.
  await Promise.all([repeat(act, 50, 350), repeat(ask, 20, 80)])
}

function scopeFor(dice: number, { sid, subject, email }: Visitor): RevocationScope {
  if (dice < 0.6) return { kind: 'session', sid }
  if (dice < 0.77) return { kind: 'subject', subject }
  if (dice < 0.965) return { kind: 'email', email }
  if (dice < 0.997) return { kind: 'application', application: keyOf('two') }
  return { kind: 'everybody' }
}

/** Whether a client that revokes this takes one of its own for revoked. Of others' it finds out by asking. */
function isHit(scope: RevocationScope, { sid, subject, email }: Visitor): boolean {
  switch (scope.kind) {
    case 'session':
      return scope.sid === sid
    case 'subject':
      return scope.subject === subject
    case 'email':
      return scope.email === email
    case 'everybody':
      return true
    default:
      return false
  }
}
