import type { AccessRequest } from '../../src/policy/access-request.ts'
import type { Application, Destination } from '../../src/policy/application.ts'
import type { Identity } from '../../src/policy/identity.ts'
import { definePolicy, type Policy } from '../../src/policy/policy.ts'
import { errorVerdict, FAILS, HOLDS, type Rule, UNKNOWN, type Verdict } from '../../src/policy/rule.ts'
import type { RuleSet } from '../../src/policy/rule-set.ts'
import { ruleKinds } from '../../src/policy/rules/index.ts'

/** Small valid values of the policy room's types; a test names only what it is about. */

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

export function sampleRequest(parts: Partial<AccessRequest> = {}): AccessRequest {
  return {
    method: 'GET',
    host: 'app.example.com',
    path: '/',
    query: '',
    clientAddress: '192.0.2.7',
    isNavigation: true,
    credentials: { cookies: '', token: undefined },
    ...parts,
  }
}

export function sampleIdentity(parts: Partial<Identity> = {}): Identity {
  return {
    provider: 'corporate',
    subject: 'c3ViamVjdA',
    email: 'ada@example.com',
    emailVerified: true,
    name: 'Ada Lovelace',
    preferredUsername: 'ada',
    groups: ['engineering'],
    groupsIncomplete: false,
    claims: {},
    ...parts,
  }
}

export function sampleApplication(parts: Partial<Application> = {}): Application {
  const { name = 'app' } = parts
  return {
    key: `team/${name}`,
    namespace: 'team',
    name,
    audience: 'a'.repeat(64),
    cookieName: `__Host-gatehouse-${'a'.repeat(16)}`,
    sameSite: 'Lax',
    destinations: [{ host: 'app.example.com', path: '/' }],
    policies: [],
    isBroken: false,
    identityProviders: undefined,
    sessionSeconds: undefined,
    identityHeaders: [],
    assertionGroups: false,
    assertionClaims: [],
    denyMessage: undefined,
    tile: undefined,
    ...parts,
  }
}

/** An application of this name with these destinations, each written as host and path. */
export function applicationAt(name: string, ...destinations: readonly string[]): Application {
  return sampleApplication({ name, destinations: destinations.map(readDestination) })
}

function readDestination(text: string): Destination {
  const slash = text.indexOf('/')
  return { host: text.slice(0, slash), path: text.slice(slash) }
}

export type Outcome = Verdict['outcome']
export const OUTCOMES: readonly Outcome[] = ['holds', 'fails', 'unknown', 'error']

const VERDICTS: Readonly<Record<Outcome, Verdict>> = {
  holds: HOLDS,
  fails: FAILS,
  unknown: UNKNOWN,
  error: errorVerdict('claim-missing'),
}

export function verdictNamed(outcome: Outcome): Verdict {
  return VERDICTS[outcome]
}

/** A rule that always answers the same. */
export function constantRule(outcome: Outcome): Rule {
  const verdict = VERDICTS[outcome]
  return { kind: 'constant', setting: outcome, needsIdentity: outcome === 'unknown', test: () => verdict }
}

/** The rule lists of a policy, by the outcomes of their rules. */
export interface Outcomes {
  readonly include?: readonly Outcome[]
  readonly require?: readonly Outcome[]
  readonly exclude?: readonly Outcome[]
}

export function constantRules({ include = [], require = [], exclude = [] }: Outcomes): RuleSet {
  return {
    include: include.map(constantRule),
    require: require.map(constantRule),
    exclude: exclude.map(constantRule),
  }
}

export function samplePolicy(parts: Partial<Omit<Policy, 'decided'>> = {}): Policy {
  return definePolicy({
    key: 'team/policy',
    action: 'Allow',
    mode: 'Enforce',
    rules: constantRules({ include: ['holds'] }),
    sessionSeconds: undefined,
    ...parts,
  })
}

/** A rule of a kind with its settings, checked and compiled as a manifest's would be. */
export function ruleOf(kindName: string, setting: unknown): Rule {
  const kind = ruleKinds.find(({ name }) => name === kindName)
  if (kind === undefined) throw new Error(`there is no rule ${kindName}`)
  const compiled = kind.compile(kind.schema.parse(setting) as never, {
    accessGroup: () => {
      throw new Error('a sample rule refers to no AccessGroup')
    },
  })
  return { kind: kindName, setting, ...compiled }
}
