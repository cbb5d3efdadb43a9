import type { Recorder } from './recorder.ts'
import type { Replica } from './replica.ts'
import type { Scene } from './scene.ts'

/** One history in the making: what the clients, the faults and the proofs at its end share. */
export interface Trial {
  readonly scene: Scene
  readonly recorder: Recorder
  /** From 0 up to but not including 1. */
  readonly random: () => number
  /** Every token of this history, in the order of issue. */
  readonly tokens: Token[]
  /** Within what time of its answer an accepted revocation has to hold everywhere, in milliseconds. */
  readonly revocationMs: number
  /** Revoked tokens that are to be shown at a moment of the recorder's clock. */
  readonly due: { readonly atMs: number; readonly token: Token }[]
  /** Revocations that were accepted, by whoever then asked every replica again and again. */
  readonly pursuits: Pursuit[]
  /** How often somebody signed out and was told so; the page does not say how many hold that. */
  signOuts: number
  /** Logout tokens, by `jti`, of which it is not known whether they have taken effect. */
  readonly unsureLogouts: Set<string>
  /** From the end of each fault until all was well, in milliseconds. */
  readonly recoveries: number[]
  /** Logins that came to nothing, by where they stopped; faults may do that. */
  readonly interruptions: Map<string, number>
}

/** A history at its beginning. */
export function newTrial(parts: Pick<Trial, 'scene' | 'recorder' | 'random' | 'revocationMs'>): Trial {
  return {
    ...parts,
    tokens: [],
    due: [],
    pursuits: [],
    signOuts: 0,
    unsureLogouts: new Set(),
    recoveries: [],
    interruptions: new Map(),
  }
}

export interface Pursuit {
  readonly acceptedAtMs: number
  /** Until the last replica refused; undefined if one had not when the pursuit was given up. */
  readonly refusedAfterMs: number | undefined
}

/** An app token, by the name that it has in the history. */
export interface Token {
  readonly name: string
  /** Name and value of the cookie. */
  readonly cookie: string
  readonly application: 'one' | 'two' | 'rotating'
  readonly sid: string
}

/** Somebody who can be checked, revoked and logged in again. */
export interface Visitor {
  readonly sid: string
  readonly subject: string
  readonly email: string
  /** What the provider calls the session; undefined: it has not said. */
  readonly providerSid?: string | undefined
}

export function oneOf<Item>(random: () => number, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to choose from')
  return item
}

/** A replica, as a Service would choose it for one request. */
export function anyReplica({ scene, random }: Trial): Replica {
  return oneOf(random, scene.replicas)
}

/** A generator of numbers from 0 up to 1 that gives the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
