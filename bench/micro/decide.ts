import type { AccessRequest } from '../../src/policy/access-request.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Identity } from '../../src/policy/identity.ts'
import { compile } from '../../src/resources/compile.ts'
import type { Figure } from '../figures.ts'
import { compileContext, objectsOf } from './objects.ts'

const POLICIES = 20
const TURNS = 200_000
const GOAL_MICROSECONDS = 10

/** Times `decide()` with 20 policies of which only the last lets the person in. */
export function measureDecide(): Figure {
  const names = Array.from({ length: POLICIES }, (_, index) => `policy-${index}`)
  const policies = names.map((name, index) => ({
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'AccessPolicy',
    metadata: { name, namespace: 'bench' },
    spec: {
      action: 'Allow',
      include: [{ emailDomain: 'example.com' }, { email: `ada@${index}.example.com` }],
      require: [{ group: { name: index === POLICIES - 1 ? 'engineering' : `team-${index}` } }],
      exclude: [{ ip: ['198.51.100.0/24'] }],
    },
  }))
  const application = {
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'AccessApplication',
    metadata: { name: 'app', namespace: 'bench' },
    spec: { destinations: [{ host: 'app.example.com' }], policies: names.map((name) => ({ name })) },
  }
  const provider = {
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'IdentityProvider',
    metadata: { name: identity.provider },
    spec: { type: 'OIDC', oidc: { issuer: 'https://login.example.com', clientID: 'gatehouse' } },
  }
  const { policySet } = compile(objectsOf([...policies, application, provider]), compileContext)
  const compiled = policySet.applications.get('bench/app')
  if (compiled === undefined) throw new Error('the application did not compile')

  const now = Date.now()
  for (let turn = 0; turn < TURNS; turn++) decide(compiled, request, identity, now)
  const started = performance.now()
  let allowed = 0
  for (let turn = 0; turn < TURNS; turn++) {
    if (decide(compiled, request, identity, now).outcome === 'allow') allowed++
  }
  const microseconds = ((performance.now() - started) * 1000) / TURNS
  if (allowed !== TURNS) throw new Error(`${TURNS - allowed} decisions were wrong`)
  return {
    name: `decide() with ${POLICIES} policies`,
    measured: `${microseconds.toFixed(2)} µs`,
    goal: `at most ${GOAL_MICROSECONDS} µs`,
    isReached: microseconds <= GOAL_MICROSECONDS,
  }
}

const request: AccessRequest = {
  method: 'GET',
  host: 'app.example.com',
  path: '/dashboards/42',
  query: '',
  clientAddress: '203.0.113.7',
  isNavigation: true,
  credentials: { cookies: '', token: undefined },
}

const identity: Identity = {
  provider: 'bench',
  subject: 's'.repeat(43),
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada Lovelace',
  preferredUsername: 'ada',
  groups: ['engineering', 'staff'],
  groupsIncomplete: false,
  claims: {},
}
