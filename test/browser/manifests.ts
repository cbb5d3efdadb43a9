/** The auth host of every world. */
export const AUTH_HOST = 'auth.example.test'

/** Application names by host, and below it by path where there is more than one. Two domains that nothing relates. */
export const APPLICATIONS = {
  'app-one.example.test': { '/': 'one' },
  'app-two.other.test': { '/': 'two' },
  'single.other.test': { '/': 'single' },
  'shared.example.test': { '/': 'front', '/api': 'api' },
  'strict.other.test': { '/': 'strict' },
  'form.example.test': { '/': 'form' },
  'down.example.test': { '/': 'down' },
} as const

export type AppHost = keyof typeof APPLICATIONS

/** Where the applications live. */
export const NAMESPACE = 'apps'

/** The people, all at both providers. Only engineers may open `app-one.example.test`. */
export const PEOPLE = [
  { sub: 'alice', email: 'alice@example.test', email_verified: true, name: 'Alice Ash', groups: ['engineering'] },
  { sub: 'bob', email: 'bob@example.test', email_verified: true, name: 'Bob Birch', groups: ['sales'] },
]

/** Origins of the providers. */
export interface ProviderOrigins {
  readonly company: string
  readonly partners: string
  /** Nobody listens there. */
  readonly nowhere: string
}

/** The manifests, one file: the format is a stream of YAML documents, and JSON is YAML. */
export function manifests(origins: ProviderOrigins): string {
  return [
    provider('company', 'Example Company', origins.company),
    provider('partners', 'Partner Network', origins.partners),
    provider('company-form', 'Example Company (form)', origins.company, { responseMode: 'FormPost' }),
    provider('nowhere', 'Nowhere Inc.', origins.nowhere),
    policy('engineers', [{ group: { name: 'engineering' } }]),
    policy('everyone', [{ everyone: {} }]),
    application('one', ['engineers'], ['company', 'partners'], {
      denyPage: { message: 'Ask in the engineering channel,\nor call extension 42.' },
      launcher: { title: 'Build Monitor', description: 'What the machines are building right now.' },
    }),
    application('two', ['everyone'], ['company', 'partners'], {
      launcher: { title: 'Wiki', description: 'How we do things here.' },
    }),
    application('single', ['everyone'], ['partners']),
    application('front', ['everyone'], ['company'], { launcher: { title: 'Shop' } }),
    application('api', ['engineers'], ['company'], { launcher: { hidden: true } }),
    application('strict', ['everyone'], ['company'], { cookie: { sameSite: 'Strict' } }),
    application('form', ['everyone'], ['company-form']),
    application('down', ['everyone'], ['nowhere', 'company'], { launcher: { title: 'Archive' } }),
  ]
    .map((object) => JSON.stringify({ apiVersion: 'access.gatehouse.dev/v1alpha1', ...object }))
    .join('\n---\n')
}

function provider(name: string, displayName: string, issuer: string, oidc: Record<string, unknown> = {}) {
  return {
    kind: 'IdentityProvider',
    metadata: { name },
    spec: {
      displayName,
      type: 'OIDC',
      oidc: { issuer, clientID: 'gatehouse', clientSecretRef: { name: 'providers', key: 'secret' }, ...oidc },
    },
  }
}

function policy(name: string, include: readonly unknown[]) {
  return { kind: 'AccessPolicy', metadata: { name, namespace: NAMESPACE }, spec: { action: 'Allow', include } }
}

function application(
  name: string,
  policies: readonly string[],
  identityProviders: readonly string[],
  spec: Record<string, unknown> = {},
) {
  const destinations = Object.entries(APPLICATIONS).flatMap(([host, names]) =>
    Object.entries(names).flatMap(([path, owner]) => (owner === name ? [{ host, path }] : [])),
  )
  return {
    kind: 'AccessApplication',
    metadata: { name, namespace: NAMESPACE },
    spec: { destinations, policies: policies.map((one) => ({ name: one })), identityProviders, ...spec },
  }
}
