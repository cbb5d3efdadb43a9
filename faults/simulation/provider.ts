import { ProviderError, type Refreshed, type Renewal } from '../../src/providers/provider.ts'
import type { Process } from './process.ts'
import type { Random } from './random.ts'
import type { RefreshWatch } from './refresh-watch.ts'
import type { Schedule } from './schedule.ts'

/** The identity provider of a run. Its refresh tokens count once each. */
export interface SimulatedProvider {
  /** Somebody has signed in. @returns the first refresh token, which is good for this session alone */
  grant(sid: string): string
  /** From now on nobody is renewed by it. */
  end(sid: string): void
  isEnded(sid: string): boolean
  /** The refresh token that counts now; undefined if the session has none. */
  current(sid: string): string | undefined
  /** The sessions that it has not ended. */
  renewable(): readonly string[]
  /** Whether it gives no answers. */
  isDown: boolean
  /** As `OidcProvider.refresh`, asked by one of our processes. */
  refresh(process: Process, renewal: Renewal): Promise<Refreshed>
}

interface Grant {
  number: number
  isEnded: boolean
}

/** As a real one: see `OidcProvider`. */
const LONGEST_MS = 18_000

export function createProvider(context: {
  readonly schedule: Schedule
  readonly random: Random
  readonly watch: RefreshWatch
}): SimulatedProvider {
  const { schedule, random, watch } = context
  const grants = new Map<string, Grant>()

  /** In most runs it is quick; in some the lock has to be renewed meanwhile. */
  const isSlow = random.chance(0.3)
  const delay = () => (random.chance(isSlow ? 0.3 : 0.95) ? random.between(5, 200) : random.between(200, 11_000))

  const provider: SimulatedProvider = {
    isDown: false,
    grant(sid) {
      grants.set(sid, { number: 0, isEnded: false })
      return tokenOf(sid, 0)
    },
    end(sid) {
      const grant = grants.get(sid)
      if (grant !== undefined) grant.isEnded = true
    },
    isEnded: (sid) => grants.get(sid)?.isEnded === true,
    current(sid) {
      const grant = grants.get(sid)
      return grant && tokenOf(sid, grant.number)
    },
    renewable: () => [...grants].flatMap(([sid, { isEnded }]) => (isEnded ? [] : [sid])),
    refresh(process, renewal) {
      const [sid = ''] = renewal.refreshToken.split('#')
      const over = watch.asked(sid, process)
      const answer = new Promise<Refreshed>((resolve, reject) => {
        const down = () => new ProviderError('provider-unreachable', 'simulated')
        const giveUp = process.later(LONGEST_MS, () => reject(down()))
        const back = (run: () => void) => {
          process.later(random.between(1, 20), () => {
            giveUp()
            run()
          })
        }
        schedule.later(delay(), () => {
          if (provider.isDown) back(() => reject(down()))
          else if (!isGood(renewal.refreshToken)) {
            if (provider.isEnded(sid)) watch.refused(sid, process)
            back(() => resolve({ kind: 'gone' }))
          } else renewed(sid, process, renewal, back, resolve, reject)
        })
      })
      return answer.finally(over)
    },
  }

  function isGood(token: string): boolean {
    const [sid = ''] = token.split('#')
    return provider.current(sid) === token && !provider.isEnded(sid)
  }

  /** The next token is on its way before anything else is done, and what is done then may come to nothing. */
  function renewed(
    sid: string,
    process: Process,
    renewal: Renewal,
    back: (run: () => void) => void,
    resolve: (refreshed: Refreshed) => void,
    reject: (error: Error) => void,
  ): void {
    const grant = grants.get(sid)
    if (grant === undefined) return
    grant.number += 1
    const refreshToken = tokenOf(sid, grant.number)
    watch.rotated(sid, process)
    const isBroken = random.chance(0.1)
    const laterMs = delay() / 2
    back(async () => {
      await renewal.keep(refreshToken)
      process.later(laterMs, () => {
        if (isBroken) reject(new ProviderError('provider-userinfo-invalid', 'simulated'))
        else
          resolve({
            kind: 'renewed',
            identity: renewal.identity,
            idToken: undefined,
            refreshToken,
            expiresAtMs: undefined,
          })
      })
    })
  }

  return provider
}

function tokenOf(sid: string, number: number): string {
  return `${sid}#${number}`
}
