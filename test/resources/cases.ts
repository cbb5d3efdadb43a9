import { expect, test } from 'vitest'
import type { Identity } from '../../src/policy/identity.ts'
import { answer, application, compiled, conditionsOf, identity, policy, provider } from './world.ts'

export const ada = identity('ada')
export const bob = identity('bob')
export const onlyAda = policy('only-ada', 'Allow', [{ email: 'ada@example.com' }])
export const everyone = policy('everyone', 'Allow', [{ everyone: {} }])
export const open = policy('open', 'Bypass', [{ everyone: {} }])
export const app = (policies: string[], more: object = {}) => application('app', 'app.example.com', policies, more)

/** The conditions of an object with nothing to mend. */
export const WELL = 'Accepted ResolvedRefs Programmed'
export const APP = 'app.example.com/'
export const APPLICATION = 'AccessApplication default/app'
export const SHUT = 'forbid application-broken'

/** A set of objects, and what it comes to. */
export interface Case {
  title: string
  objects: unknown[]
  /** URL and who, to the answer. */
  answers?: [url: string, who: Identity | undefined, expected: string][]
  /** Object to the reasons of its conditions. */
  conditions?: Record<string, string>
  more?: Parameters<typeof compiled>[1]
}

/** Makes a test of each case, with the provider `staff` for everybody to sign in with unless it names others. */
export function runCases(cases: readonly Case[]): void {
  for (const { title, objects, answers = [], conditions = {}, more } of cases) {
    test(title, () => {
      const catalogue = compiled(hasProvider(objects) ? objects : [...objects, provider('staff')], more)
      for (const [url, who, expected] of answers) expect([url, answer(catalogue, url, who)]).toEqual([url, expected])
      for (const [label, expected] of Object.entries(conditions)) {
        expect([label, conditionsOf(catalogue, label)]).toEqual([label, expected])
      }
    })
  }
}

function hasProvider(objects: readonly unknown[]): boolean {
  return objects.some((object) => (object as { kind?: unknown }).kind === 'IdentityProvider')
}
