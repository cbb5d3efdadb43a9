import { postLogout } from '../back-channel.ts'
import { ROTATING_APPLICATION } from '../places.ts'
import { pursue } from '../pursue.ts'
import { signInAtLast } from '../sign-in-at-last.ts'
import { oneOf, type Trial } from '../trial.ts'
import { AT_ONCE, raced } from './race.ts'

const CLIENT = 'racer'

/** A provider posts the same logout token to all replicas again and again, all at the same moment. */
async function race(trial: Trial): Promise<string | undefined> {
  const { scene, random } = trial
  const signedIn = await signInAtLast(trial, CLIENT, ROTATING_APPLICATION)
  const providerSid = signedIn?.visitor.providerSid
  if (signedIn === undefined || providerSid === undefined) return 'nobody could sign in'
  const notice = { providerSid, ...scene.rotating.logoutToken(providerSid) }
  const posts = Array.from({ length: AT_ONCE }, (_, index) => {
    const replica = scene.replicas[index % scene.replicas.length] ?? oneOf(random, scene.replicas)
    return postLogout(trial, { ...notice, client: `${CLIENT}-${index}`, replica })
  })
  const done = (await Promise.all(posts)).filter((answer) => answer === 'accepted' || answer === 'pending').length
  if (done !== 1) return `${done} of ${AT_ONCE} posts of one logout token succeeded`
  await pursue(trial, CLIENT, signedIn.token, { forMs: 5_000, pauseMs: 5 })
  return undefined
}

export const logoutRace = raced(
  'logout-race',
  `one logout token is posted ${AT_ONCE} times at once to all replicas of Gatehouse`,
  race,
)
