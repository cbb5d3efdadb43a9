import { expect } from 'vitest'
import { type Browser, createBrowser } from '../../faults/browser.ts'
import { createRecorder } from '../../faults/recorder.ts'
import type { Replica } from '../../faults/replica.ts'
import { openScene, type Scene, type SceneSettings } from '../../faults/scene.ts'
import { show } from '../../faults/show.ts'
import { signIn } from '../../faults/sign-in.ts'
import { newTrial, oneOf, seeded, type Token, type Trial, type Visitor } from '../../faults/trial.ts'
import type { CookieJar } from '../parts/openid-login.ts'
import { until } from '../parts/until.ts'

/** What a replica answers to a check. */
export type CheckAnswer = Awaited<ReturnType<typeof show>>

/** Somebody who has signed in. */
export interface Guest {
  readonly browser: Browser
  readonly visitor: Visitor
  readonly token: Token
}

export interface ArriveSettings {
  readonly application?: Token['application']
  /** Which replica serves; default: another one for each step. */
  readonly at?: number
  /** Somebody's who has been here before; default: a new one. */
  readonly of?: Guest
  readonly providerJar?: CookieJar
}

/** Three replicas in processes of their own, around one store, with a real provider; and people who come to them. */
export interface Trio extends AsyncDisposable {
  readonly scene: Scene
  readonly trial: Trial
  replica(index: number): Replica
  /** Signs somebody in over HTTP, by the requests that a browser makes. Throws if it comes to nothing. */
  arrive(login: string, settings?: ArriveSettings): Promise<Guest>
  /** What the replicas answer to a token, all asked at once. */
  answers(token: Token): Promise<readonly CheckAnswer[]>
  /** Polls until all three answer this to all of these at once. @returns how many milliseconds that took */
  untilAll(answer: CheckAnswer, tokens: readonly Token[], timeoutMs?: number): Promise<number>
  /** How the guest's cookie has fared so far: whether an answer took it away. */
  hasLostCookie(token: Token): boolean
}

/** All replicas answer this. */
export function all(answer: CheckAnswer): readonly CheckAnswer[] {
  return [answer, answer, answer]
}

export async function openTrio(settings: Partial<SceneSettings> = {}): Promise<Trio> {
  // On a busy machine nothing is promised within a tenth of a second.
  const redis = { commandTimeout: '2s' }
  const scene = await openScene({ store: 'one server', maxStalenessMs: 30_000, redis, ...settings })
  const recorder = createRecorder()
  const trial = newTrial({ scene, recorder, random: seeded(5), revocationMs: 30_000 })
  const answers = (token: Token) => Promise.all(scene.replicas.map((one) => show(trial, 'test', token, one)))

  function replica(index: number): Replica {
    const found = scene.replicas[index]
    if (found === undefined) throw new RangeError(`there is no replica ${index}`)
    return found
  }

  return {
    scene,
    trial,
    replica,
    answers,
    async arrive(login, { application = 'one', at, of, providerJar } = {}) {
      const pick = () => (at === undefined ? oneOf(trial.random, scene.replicas) : replica(at))
      const browser = of?.browser ?? createBrowser()
      const wanted = { client: 'test', application, login, pick, visitor: of?.visitor, providerJar }
      const found = await signIn(trial, browser, wanted)
      if (found === undefined) throw new Error(`${login} was stopped: ${[...trial.interruptions.keys()].at(-1)}`)
      return { browser, visitor: found.visitor, token: found.token }
    },
    async untilAll(answer, tokens, timeoutMs = 10_000) {
      const startedAt = performance.now()
      await until(
        `all replicas answer ${answer}`,
        async () => {
          const found = await Promise.all(tokens.map(answers))
          if (found.flat().every((one) => one === answer)) return true
          throw new Error(`they answer ${found.map((of) => of.join(' ')).join(', ')}`)
        },
        { timeoutMs, everyMs: 5 },
      )
      return performance.now() - startedAt
    },
    hasLostCookie: ({ name }) =>
      recorder.history().some((entry) => entry.kind === 'check' && entry.token === name && entry.clearedCookie),
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  }
}

/** Holds that all replicas refuse these within a second, and go on letting the others in. */
export async function expectRevoked(
  trio: Trio,
  { refused, others = [] }: { readonly refused: readonly Guest[]; readonly others?: readonly Guest[] },
): Promise<void> {
  const tookMs = await trio.untilAll(
    'challenge',
    refused.map(({ token }) => token),
  )
  expect(tookMs, 'milliseconds until every replica refused').toBeLessThan(1_000)
  for (const { token } of others) expect(await trio.answers(token)).toEqual(all('allow'))
}
