import { setTimeout as pause } from 'node:timers/promises'
import { ROTATING_APPLICATION } from '../places.ts'
import { show } from '../show.ts'
import { signInAtLast } from '../sign-in-at-last.ts'
import { oneOf, type Trial } from '../trial.ts'
import { AT_ONCE, raced } from './race.ts'

const CLIENT = 'racer'
const PATIENCE_MS = 10_000

/** A session that is due is used at all replicas at the same moment: one of them asks the provider, and all know what it said. */
async function race(trial: Trial): Promise<string | undefined> {
  const { scene, random, recorder } = trial
  const signedIn = await signInAtLast(trial, CLIENT, ROTATING_APPLICATION)
  const providerSid = signedIn?.visitor.providerSid
  if (signedIn === undefined || providerSid === undefined) return 'nobody could sign in'
  const { token, visitor } = signedIn
  await Promise.all(scene.replicas.map((replica) => show(trial, CLIENT, token, replica)))
  const version = scene.rotating.regroup(providerSid)
  await scene.letBeDue(visitor.sid)
  const checks = Array.from({ length: AT_ONCE }, (_, index) => {
    const replica = scene.replicas[index % scene.replicas.length] ?? oneOf(random, scene.replicas)
    return show(trial, `${CLIENT}-${index}`, token, replica)
  })
  await Promise.all(checks)
  const asked = () =>
    recorder.history().filter((one) => one.kind === 'refresh' && one.providerSid === providerSid).length
  const isKnown = (name: string) =>
    recorder
      .history()
      .some(
        (one) => one.kind === 'check' && one.token === token.name && one.replica === name && one.version === version,
      )
  const giveUpAtMs = recorder.now() + PATIENCE_MS
  while (!scene.replicas.every(({ name }) => isKnown(name))) {
    if (recorder.now() > giveUpAtMs) return 'not all replicas know what the provider says now'
    const answers = await Promise.all(scene.replicas.map((replica) => show(trial, CLIENT, token, replica)))
    // Another client has revoked everybody: whether it may be refused is for the checker to say.
    if (answers.every((answer) => answer === 'challenge')) return undefined
    await pause(20)
  }
  return asked() === 1 ? undefined : `the provider was asked ${asked()} times`
}

export const refreshRace = raced(
  'refresh-race',
  `a session that is due to be refreshed is checked ${AT_ONCE} times at once by all replicas of Gatehouse`,
  race,
)
