import { createBrowser } from './browser.ts'
import { type SignedIn, signIn } from './sign-in.ts'
import { anyReplica, type Token, type Trial } from './trial.ts'

const TRIES = 3

/**
 * Signs in somebody whom no client signs in. Other clients revoke everybody now and then, which may end a sign-in on its way;
 * so it is tried again.
 */
export async function signInAtLast(
  trial: Trial,
  client: string,
  application: Token['application'],
): Promise<SignedIn | undefined> {
  const login = trial.scene.people.at(-2) ?? ''
  for (let time = 0; time < TRIES; time += 1) {
    const wanted = { client, application, login, pick: () => anyReplica(trial) }
    const signedIn = await signIn(trial, createBrowser(), wanted)
    if (signedIn !== undefined) return signedIn
  }
  return undefined
}
