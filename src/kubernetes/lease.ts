import type { Events } from '../observe/events.ts'
import type { KubeClient } from './client.ts'
import type { KubeObject } from './kube-object.ts'
import { leaseAccess } from './lease-access.ts'
import { type Claim, claimedLease, readLease, releasedLease } from './lease-record.ts'
import { createVacancy } from './lease-vacancy.ts'
import { pause } from './pause.ts'
import { type RunningTerm, startTerm, type Term } from './term.ts'

/** What is worth knowing about who leads. */
export type LeaseEvents = Pick<Events, 'internalError' | 'leadershipChanged' | 'leaseTrouble'>

export interface LeaseSettings {
  readonly client: Pick<KubeClient, 'request'>
  readonly namespace: string
  readonly name: string
  /** Of this very process: of two with the same one, both would lead. */
  readonly identity: string
  /** Milliseconds on a clock that only goes forward, even while the process is stopped. */
  readonly monotonicMs: () => number
  /** Milliseconds since 1970; written into the lease for people. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
  readonly events: LeaseEvents
  /**
   * Called when this replica leads, and not before an earlier call has settled. Has to settle soon after `term.lost`: the
   * lease is given up early only once it has. If it rejects, another replica gets a chance.
   */
  readonly onLeading: (term: Term) => Promise<void> | void
  /** A lease lasts so long for everybody but its holder. Default 15 s. */
  readonly leaseDurationMs?: number
  /** The holder leads so long after the start of its last renewal. Default 10 s. */
  readonly renewDeadlineMs?: number
  /** Default 2 s. */
  readonly retryMs?: number
}

/** This replica's part in electing a leader. */
export interface Leadership {
  /** Whether this replica leads at this moment. */
  readonly isLeader: () => boolean
  /** Ceases to lead and to try, and gives the lease up, so that another one leads within about 2 s. Never rejects. */
  readonly release: () => Promise<void>
}

/**
 * Takes part in electing a leader by a Lease of coordination.k8s.io/v1, as client-go does it: whoever gets its claim into the
 * Lease, by an update that is guarded by its version, leads, and renews it. Others take it when they have not seen it change
 * for as long as it lasts, by their own clock. The holder leads for less than that after the start of its last renewal, by
 * its own clock, so never two at a time, whatever becomes of the server, the Lease, the time of day, or the process itself.
 */
export function holdLease(settings: LeaseSettings): Leadership {
  const { client, namespace, name, identity, monotonicMs, now, random, events } = settings
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2_000 } = settings
  const access = leaseAccess(client, { namespace, name, timeoutMs: renewDeadlineMs / 2 })
  const vacancy = createVacancy({ identity, leaseDurationMs, noticeMs: retryMs * 1.5 })
  const stopping = new AbortController()
  const report = createReport(events)
  let lease: KubeObject | undefined
  let term: RunningTerm | undefined
  let hasClaimed = false
  let leadsFromMs = Number.NEGATIVE_INFINITY
  let owedMs = 0
  let mustResign = false
  let work: Promise<void> = Promise.resolve()
  let releasing: Promise<void> | undefined

  const isLeader = () => term?.isLeader() === true
  const claim = (): Claim => ({ namespace, name, identity, leaseDurationMs, now: now() })

  async function look(signal: AbortSignal): Promise<void> {
    lease = undefined
    lease = await access.read(signal)
    vacancy.saw(lease, monotonicMs())
  }

  /** @returns false if the Lease is no longer what it was when last seen */
  async function claimIt(): Promise<boolean> {
    const startedMs = monotonicMs()
    hasClaimed = true
    // Owed until it is known whether this was written: an answer may be lost.
    if (!isLeader()) owedMs = Math.max(owedMs, vacancy.settlingMs())
    const written = await access.write(claimedLease(lease, claim()), stopping.signal)
    if (written === undefined) return false
    lease = written
    vacancy.saw(lease, monotonicMs())
    if (owedMs > 0) leadsFromMs = monotonicMs() + owedMs
    owedMs = 0
    if (!stopping.signal.aborted && !mustResign) lead(startedMs + renewDeadlineMs)
    return true
  }

  function lead(untilMs: number): void {
    if (term?.extend(untilMs) === true) return
    if (monotonicMs() < leadsFromMs || monotonicMs() >= untilMs) return
    const begun = startTerm(untilMs, monotonicMs, (detail) => {
      term = undefined
      events.leadershipChanged({ isLeader: false, detail })
    })
    term = begun
    events.leadershipChanged({ isLeader: true, detail: identity })
    work = work.then(() => workFor(begun))
  }

  async function workFor(begun: RunningTerm): Promise<void> {
    if (begun.lost.aborted) return
    try {
      await settings.onLeading(begun)
    } catch (error) {
      events.internalError({ where: 'leader', error })
      if (begun.lost.aborted) return
      mustResign = true
      begun.end('what the leader does failed')
    }
  }

  /** One attempt to lead, or to go on leading. @returns after how many milliseconds the next one is of use */
  async function attempt(): Promise<number> {
    if (mustResign) {
      await giveUp(stopping.signal)
      mustResign = false
      return retryMs * 2
    }
    const pauseMs = retryMs * (0.8 + random() / 5)
    if (isLeader() && lease !== undefined && (await claimIt())) return pauseMs
    await look(stopping.signal)
    const { holder } = readLease(lease)
    if (holder !== undefined && holder !== identity) {
      owedMs = 0
      term?.end(`${holder} holds the lease`)
    }
    // While it leads, nobody else does: a lease that is gone or without a holder is still its own.
    const waitMs = isLeader() ? 0 : vacancy.waitMs(monotonicMs())
    if (waitMs > 0) return Math.min(Math.ceil(waitMs), pauseMs)
    await claimIt()
    const settlingMs = leadsFromMs - monotonicMs()
    return settlingMs > 0 ? Math.min(Math.ceil(settlingMs), pauseMs) : pauseMs
  }

  async function giveUp(signal: AbortSignal): Promise<void> {
    // A renewal that was cut off may still be made between looking and writing.
    for (let tries = 0; tries < 3; tries += 1) {
      await look(signal)
      if (lease === undefined || readLease(lease).holder !== identity) return
      if ((await access.write(releasedLease(lease, claim()), signal)) !== undefined) return
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let pauseMs = retryMs
      try {
        pauseMs = await attempt()
        report(undefined)
      } catch (error) {
        if (!stopping.signal.aborted) report(error)
      }
      await pause(pauseMs, stopping.signal)
    }
  }
  const running = run()

  async function stop(): Promise<void> {
    stopping.abort()
    term?.end('it is stopping')
    const quiet = Promise.all([running, work]).then(() => true)
    const decided = new AbortController()
    const isQuiet = await Promise.race([quiet, pause(retryMs, decided.signal).then(() => false)])
    decided.abort()
    // Another one must not lead while this one may still be writing: then the lease runs out by itself.
    if (!isQuiet || !hasClaimed) return
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), retryMs)
    await giveUp(patience.signal).catch(report)
    clearTimeout(timer)
  }

  return {
    isLeader,
    release() {
      releasing ??= stop()
      return releasing
    },
  }
}

/** Reports trouble when it begins, when it turns into another one, and when it is over. */
function createReport(events: Pick<LeaseEvents, 'leaseTrouble'>): (error: unknown) => void {
  let last: string | undefined
  return (error) => {
    const problem = error instanceof Error ? error.message : error === undefined ? undefined : String(error)
    if (problem === last) return
    last = problem
    events.leaseTrouble({ problem })
  }
}
