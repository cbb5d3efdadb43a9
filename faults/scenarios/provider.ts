import type { Mischief } from '../../test/parts/hostile-provider.ts'
import { createBrowser } from '../browser.ts'
import type { Answered } from '../exchange.ts'
import { hostOf } from '../places.ts'
import { anyReplica, type Trial } from '../trial.ts'
import type { Scenario } from './scenario.ts'

/** In what time somebody who signs in at a provider in trouble is told so. */
const PATIENCE_MS = 6_000
const MOST_STEPS = 8

/** What the provider does, one after the other. */
function troubled(name: string, what: string, troubles: readonly Mischief[]): Scenario {
  return {
    name,
    what: `${what}; people sign in at another one meanwhile, and whoever is signed in goes on`,
    store: 'one server',
    holdMs: 0,
    rounds: 1,
    isHarmless: true,
    async begin({ scene: { hostile } }) {
      return { end: async () => hostile.misbehave({}) }
    },
    async during(trial) {
      const problems: string[] = []
      for (const trouble of troubles) {
        trial.scene.hostile.misbehave(trouble)
        problems.push(...(await problemsWith(trial)).map((problem) => `${JSON.stringify(trouble)}: ${problem}`))
      }
      return problems
    },
  }
}

/** Nobody may get in by such a provider, and whoever tries is told soon. */
async function problemsWith(trial: Trial): Promise<string[]> {
  const { scene, recorder } = trial
  const browser = createBrowser()
  const host = hostOf('hostile')
  let url = new URL(`http://${host}:${scene.authUrl.port}/.gatehouse/login?rd=%2F`)
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const sinceMs = recorder.now()
    const answered: Answered | undefined = await browser.visit(url, anyReplica(trial)).catch(() => undefined)
    const tookMs = Math.round(recorder.now() - sinceMs)
    if (answered === undefined || tookMs > PATIENCE_MS) return [`${url.pathname} took ${tookMs} ms`]
    if (answered.location === undefined) return answered.status >= 400 ? [] : [`${url.pathname} ${answered.status}`]
    const next = new URL(answered.location, url)
    if (next.hostname === host && !next.pathname.startsWith('/.gatehouse/')) return ['somebody was let in']
    url = next.port === scene.authUrl.port ? next : scene.hostile.authorize(next)
  }
  return ['signing in goes round in circles']
}

export const providerSlow = troubled('provider-slow', 'a provider never answers, or in drops', [
  { token: 'hangs' },
  { token: 'drips' },
  { userinfo: 'hangs' },
])

export const providerLies = troubled('provider-lies', 'a provider answers with forged, foreign and broken things', [
  { token: 'is huge' },
  { token: 'is HTML' },
  { token: 'redirects' },
  { claims: (claims) => ({ ...claims, nonce: 'of somebody else' }) },
  { claims: (claims) => ({ ...claims, aud: 'somebody else' }) },
  { claims: (claims) => ({ ...claims, exp: 1 }) },
  { response: (parameters) => parameters.set('state', 'made up') },
  { userinfo: (claims) => ({ ...claims, sub: 'somebody else' }) },
])

export const providerDown = troubled('provider-down', 'a provider breaks every connection, or answers 500', [
  { token: 'drops the connection' },
  { token: 'fails', userinfo: 'fails', jwks: 'fails' },
])
