import { describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../../src/policy/access-request.ts'
import type { Identity } from '../../../src/policy/identity.ts'
import { ruleKinds } from '../../../src/policy/rules/index.ts'
import { NOW, ruleOf, sampleIdentity, sampleRequest } from '../sample.ts'

/** What is asked of one kind of rule in a table. */
export interface VerdictCase {
  readonly title: string
  readonly setting: unknown
  readonly request?: Partial<AccessRequest>
  /** What is special about the person; undefined: nobody is signed in. */
  readonly identity: Partial<Identity> | undefined
  /** The outcome, and the reason of an error behind a space. */
  readonly expected: string
}

/** The promises of every kind of rule about settings: which it accepts, and in what words it refuses others. */
export function schemaTable(
  kindName: string,
  accepted: readonly unknown[],
  refused: readonly (readonly [unknown, RegExp])[],
): void {
  describe(`the settings of ${kindName}`, () => {
    test.each(accepted.map((setting) => [JSON.stringify(setting), setting]))('may be %s', (_, setting) => {
      expect(schemaOf(kindName).safeParse(setting).success).toBe(true)
    })

    test.each(refused.map(([setting, words]) => [show(setting), setting, words] as const))(
      'may not be %s',
      (_, setting, words) => {
        const { error } = schemaOf(kindName).safeParse(setting)
        expect(error?.issues.map(({ message }) => message).join('; ')).toMatch(words)
      },
    )
  })
}

/** Rows of settings, request, identity and the verdict on them. */
export function verdictTable(kindName: string, cases: readonly VerdictCase[]): void {
  describe(`the verdict of ${kindName}`, () => {
    test.each(cases)('$title: $expected', ({ setting, request, identity, expected }) => {
      const verdict = ruleOf(kindName, setting).test({
        request: sampleRequest(request),
        identity: identity === undefined ? undefined : sampleIdentity(identity),
        now: NOW,
      })
      expect(verdict.outcome === 'error' ? `error ${verdict.reason}` : verdict.outcome).toBe(expected)
    })
  })
}

function schemaOf(kindName: string) {
  const kind = ruleKinds.find(({ name }) => name === kindName)
  if (kind === undefined) throw new Error(`there is no rule ${kindName}`)
  return kind.schema
}

function show(setting: unknown): string {
  const text = JSON.stringify(setting) ?? 'undefined'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
