import { postLogout } from '../back-channel.ts'
import { ROTATING_APPLICATION } from '../places.ts'
import { pursue } from '../pursue.ts'
import { signInAtLast } from '../sign-in-at-last.ts'
import { oneOf, type Trial } from '../trial.ts'
import type { Scenario } from './scenario.ts'

const AT_ONCE = 100
const RACES = 10
const CLIENT = 'racer'

/** A provider posts the same logout token to all replicas again and again, all at the same moment. */
async function race(trial: Trial, number: number): Promise<string | undefined> {
  const { scene, random } = trial
  const signedIn = await signInAtLast(trial, CLIENT, ROTATING_APPLICATION)
  const providerSid = signedIn?.visitor.providerSid
  if (signedIn === undefined || providerSid === undefined) return `race ${number}: nobody could sign in`
  const notice = { providerSid, ...scene.rotating.logoutToken(providerSid) }
  const posts = Array.from({ length: AT_ONCE }, (_, index) => {
    const replica = scene.replicas[index % scene.replicas.length] ?? oneOf(random, scene.replicas)
    return postLogout(trial, { ...notice, client: `${CLIENT}-${index}`, replica })
  })
  const done = (await Promise.all(posts)).filter((answer) => answer === 'accepted' || answer === 'pending').length
  if (done !== 1) return `race ${number}: ${done} of ${AT_ONCE} posts of one logout token succeeded`
  await pursue(trial, CLIENT, signedIn.token, { forMs: 5_000, pauseMs: 5 })
  return undefined
}

/** No fault at all, but for what the provider itself does. */
export const logoutRace: Scenario = {
  name: 'logout-race',
  what: `one logout token is posted ${AT_ONCE} times at once to all replicas of Gatehouse, ${RACES} times a round`,
  store: 'one server',
  holdMs: 0,
  rounds: 1,
  isHarmless: true,
  begin: async () => ({ end: async () => undefined }),
  async during(trial) {
    const problems: string[] = []
    for (let number = 1; number <= RACES; number += 1) {
      const problem = await race(trial, number)
      if (problem !== undefined) problems.push(problem)
    }
    return problems
  },
}
