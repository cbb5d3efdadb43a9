import { createBrowser } from '../browser.ts'
import { hostOf } from '../places.ts'
import { signIn } from '../sign-in.ts'
import { oneOf, type Trial } from '../trial.ts'
import { AT_ONCE, raced } from './race.ts'

/** Everybody has the same link and the same cookies, and asks at the same moment. */
async function race(trial: Trial): Promise<string | undefined> {
  const { scene, recorder } = trial
  const replicas = scene.replicas
  const captured = await codeLink(trial)
  if (captured === undefined) return 'no code was to be had'
  const { link, browser } = captured
  const thing = `code ${link.searchParams.get('flow')}`
  const tries = Array.from({ length: AT_ONCE }, async (_, index) => {
    const replica = replicas[index % replicas.length] ?? oneOf(trial.random, replicas)
    const invokedAtMs = recorder.now()
    const answered = await browser
      .copy()
      .visit(link, replica)
      .catch(() => undefined)
    const succeeded = answered?.setCookies.some((line) => /^gatehouse-[0-9a-f]{16}=[^;]/.test(line)) ?? false
    recorder.record({
      kind: 'one-time',
      client: `racer-${index}`,
      invokedAtMs,
      answeredAtMs: recorder.now(),
      replica: replica.name,
      thing,
      succeeded,
    })
    return succeeded
  })
  const successes = (await Promise.all(tries)).filter(Boolean).length
  return successes === 1 ? undefined : `${successes} of ${AT_ONCE} tries with one code succeeded`
}

/** Signs somebody in up to the link with the one-time code, which is not followed. */
async function codeLink(trial: Trial) {
  const { scene, random } = trial
  const browser = createBrowser()
  let link: URL | undefined
  const { visit } = browser
  const stopping = {
    ...browser,
    visit: (url: URL, ...rest: [Parameters<typeof visit>[1]]) => {
      if (url.pathname !== '/.gatehouse/authorized' || url.hostname !== hostOf('one')) return visit(url, ...rest)
      link = url
      return Promise.reject(new Error('the code is kept for the race'))
    },
  }
  const pick = () => oneOf(random, scene.replicas)
  const login = scene.people.at(-2) ?? ''
  await signIn(trial, stopping, { client: 'racer', application: 'one', login, pick })
  return link === undefined ? undefined : { link, browser }
}

export const oneTimeRace = raced(
  'one-time-race',
  `one login code is redeemed ${AT_ONCE} times at once over all replicas of Gatehouse`,
  race,
)
