import { stringify } from 'yaml'
import { ALICE, BOB, type WorldProvider } from '../parts/world.ts'

/** The auth host of every scene. */
export const AUTH_HOST = 'auth.example.test'

/** Which application answers for which host and path. Two domains that nothing relates. */
export const APPLICATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'one.example.test': { '/': 'one' },
  'two.other.test': { '/': 'two' },
  'single.other.test': { '/': 'single' },
  'shared.example.test': { '/': 'front', '/api': 'api' },
  'strict.other.test': { '/': 'strict' },
  'form.example.test': { '/': 'form' },
  'down.example.test': { '/': 'down' },
}

/** Where the applications live. */
export const NAMESPACE = 'apps'

/** `company` and `partners` know the same people; `form` is a provider that answers by a form. */
export const PROVIDERS: Readonly<Record<string, WorldProvider>> = {
  company: { displayName: 'Example Company', accounts: [ALICE, BOB] },
  partners: { displayName: 'Partner Network', accounts: [ALICE, BOB] },
  form: { displayName: 'Form Works', accounts: [ALICE, BOB], oidc: { responseMode: 'FormPost' } },
}

/** A provider that nobody listens for. */
const NOWHERE = {
  kind: 'IdentityProvider',
  metadata: { name: 'nowhere' },
  spec: {
    displayName: 'Nowhere Inc.',
    type: 'OIDC',
    oidc: { issuer: 'https://localhost:9', clientID: 'gatehouse' },
  },
}

/** Applications and policies. Only engineers, of whom bob is none, may open `one` and `api`. */
export function manifests(): string {
  return [
    NOWHERE,
    policy('engineers', { group: { name: 'engineering' } }),
    policy('everyone', { everyone: {} }),
    application('one', 'engineers', ['company', 'partners'], {
      denyPage: { message: 'Ask in the engineering channel,\nor call extension 42.' },
      launcher: { title: 'Build Monitor', description: 'What the machines are building right now.' },
    }),
    application('two', 'everyone', ['company', 'partners'], {
      launcher: { title: 'Wiki', description: 'How we do things here.' },
    }),
    application('single', 'everyone', ['partners']),
    application('front', 'everyone', ['company'], { launcher: { title: 'Shop' } }),
    application('api', 'engineers', ['company'], { launcher: { hidden: true } }),
    application('strict', 'everyone', ['company'], { cookie: { sameSite: 'Strict' } }),
    application('form', 'everyone', ['form']),
    application('down', 'everyone', ['nowhere', 'company'], { launcher: { title: 'Archive' } }),
  ]
    .map((object) => stringify({ apiVersion: 'access.gatehouse.dev/v1alpha1', ...object }))
    .join('---\n')
}

function policy(name: string, rule: Readonly<Record<string, unknown>>) {
  return { kind: 'AccessPolicy', metadata: { name, namespace: NAMESPACE }, spec: { action: 'Allow', include: [rule] } }
}

function application(
  name: string,
  policyName: string,
  identityProviders: readonly string[],
  spec: Readonly<Record<string, unknown>> = {},
) {
  const destinations = Object.entries(APPLICATIONS).flatMap(([host, byPath]) =>
    Object.entries(byPath).flatMap(([path, owner]) => (owner === name ? [{ host, path }] : [])),
  )
  return {
    kind: 'AccessApplication',
    metadata: { name, namespace: NAMESPACE },
    spec: { destinations, policies: [{ name: policyName }], identityProviders, ...spec },
  }
}
