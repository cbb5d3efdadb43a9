import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Session } from '../../src/sessions/session.ts'
import { cacheWorld } from './cache-world.ts'
import { HOUR_MS, sampleSession } from './sample-session.ts'

const SESSIONS = 2

type Step =
  | { readonly kind: 'sign-in' | 'change' | 'change-unheard' | 'lose' | 'drop' | 'check'; readonly of: number }
  | { readonly kind: 'gap' | 'down' | 'up' | 'view-current' | 'view-stale' }
  | { readonly kind: 'pass'; readonly ms: number }

const anyone = fc.nat({ max: SESSIONS - 1 })
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('check' as const), of: anyone }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('change', 'change-unheard'), of: anyone }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('sign-in', 'lose', 'lose', 'drop'), of: anyone }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('gap', 'gap', 'down', 'up', 'up', 'view-current', 'view-stale') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 400, 1000, 1000, 60_000, HOUR_MS / 2),
    }),
  },
)

/** What is known of a session without looking into the cache. */
interface Model {
  session: Session
  version: number
  /** The version that the latest announcement or gap is about: older ones count no more. */
  heard: number
  storedSinceMs: number | undefined
  /** A check was answered with it, and nobody has dropped it since. */
  isHeld: boolean
}

type World = ReturnType<typeof cacheWorld>

/** Lets a step happen to the world, and holds the answers of checks against what the model knows. */
function player(world: World) {
  const { cache, store, clock, state } = world
  let lastDownMs = Number.NEGATIVE_INFINITY
  const models: Model[] = Array.from({ length: SESSIONS }, () => ({
    session: sampleSession({ expiresAtMs: clock.now() + HOUR_MS }),
    version: 0,
    heard: 0,
    storedSinceMs: undefined,
    isHeld: false,
  }))

  function hear(model: Model): void {
    if (model.storedSinceMs !== undefined) model.heard = model.version
  }

  async function signIn(model: Model): Promise<void> {
    if (model.storedSinceMs !== undefined || model.session.expiresAtMs <= clock.now()) return
    model.session = withGroups(model.session, `${model.version}`)
    await store.save(model.session)
    model.storedSinceMs = clock.now()
  }

  async function change(model: Model, isHeard: boolean): Promise<void> {
    const changed = withGroups(model.session, `${model.version + 1}`)
    if (await store.update(changed)) {
      model.version += 1
      model.session = changed
    }
    if (!isHeard) return
    hear(model)
    cache.changed(model.session.sid)
  }

  async function lose(model: Model): Promise<void> {
    await store.remove(model.session.sid)
    model.storedSinceMs = undefined
    // Whatever comes back after a loss is announced as a gap.
    model.heard = 0
  }

  async function check(model: Model): Promise<void> {
    const { session, version, heard, storedSinceMs, isHeld } = model
    const wasQuiet = !state.isDown && clock.now() >= lastDownMs + 1000
    const isExpired = clock.now() >= session.expiresAtMs
    const answer = await world.check(session.sid)
    if (answer === 'unavailable') {
      expect(state.isDown).toBe(true)
      expect(isHeld && (isExpired || state.view === 'current')).toBe(false)
    } else if (answer === 'absent') {
      // Expired, or the store has said so just now or within the second before, and nobody here knew better.
      const isSaidLately = storedSinceMs === undefined || clock.now() < storedSinceMs + 1000
      expect(isExpired || (!isHeld && isSaidLately)).toBe(true)
    } else {
      expect(isExpired).toBe(false)
      expect(isHeld || storedSinceMs !== undefined).toBe(true)
      const seen = Number(answer.identity.groups[0])
      expect(seen).toBeLessThanOrEqual(version)
      if (wasQuiet && storedSinceMs !== undefined) expect(seen).toBeGreaterThanOrEqual(heard)
      model.isHeld = true
    }
  }

  const steps: Record<Exclude<Step, { of: number }>['kind'], (ms: number) => void> = {
    pass(ms) {
      clock.advance(ms)
      if (state.isDown) lastDownMs = clock.now()
    },
    gap() {
      for (const model of models) hear(model)
      cache.everythingMayHaveChanged()
    },
    down() {
      state.isDown = true
    },
    up() {
      if (state.isDown) lastDownMs = clock.now()
      state.isDown = false
    },
    'view-current'() {
      state.view = 'current'
    },
    'view-stale'() {
      state.view = 'stale'
    },
  }
  const stepsOf: Record<Extract<Step, { of: number }>['kind'], (model: Model) => Promise<void>> = {
    check,
    lose,
    'sign-in': signIn,
    change: (model) => change(model, true),
    'change-unheard': (model) => change(model, false),
    async drop(model) {
      cache.drop(model.session.sid)
      model.isHeld = false
    },
  }

  return async (step: Step): Promise<void> => {
    if (!('of' in step)) return steps[step.kind]('ms' in step ? step.ms : 0)
    const model = models[step.of]
    if (model !== undefined) await stepsOf[step.kind](model)
  }
}

function withGroups(session: Session, group: string): Session {
  return { ...session, identity: { ...session.identity, groups: [group] } }
}

test('whatever happens in whichever order, a check gets what it has to get', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = cacheWorld()
      const play = player(world)
      for (const of of [0, 1]) await play({ kind: 'sign-in', of })
      for (const step of steps) await play(step)
      expect(world.state.faults).toEqual([])
    }),
    { numRuns: 150 },
  )
})
