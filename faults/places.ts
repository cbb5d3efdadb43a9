import type { ClientRegistration } from '../test/parts/openid-provider.ts'

/** The names of the world that the harness starts; everything is on 127.0.0.1. */

export const NAMESPACE = 'faults'
/** An application for each of these, all behind one provider. */
export const APPLICATIONS = ['one', 'two'] as const
/** An application whose provider lies, dawdles and goes away. */
export const HOSTILE_APPLICATION = 'hostile'
/** An application whose people are asked for anew again and again. */
export const ROTATING_APPLICATION = 'rotating'
export const PROVIDER = 'company'
export const HOSTILE_PROVIDER = 'hostile'
export const ROTATING_PROVIDER = 'rotating'

export const CLIENT = { clientId: 'gatehouse', clientSecret: 'a secret of the fault harness, of no worth elsewhere' }
export const ADMIN_TOKEN = 'a-bearer-token-of-the-fault-harness-of-no-worth-elsewhere'

export type ApplicationName = (typeof APPLICATIONS)[number] | typeof HOSTILE_APPLICATION | typeof ROTATING_APPLICATION

export function hostOf(application: ApplicationName): string {
  return `${application}.localhost`
}

/** The key of an application in policies and revocations. */
export function keyOf(application: ApplicationName): string {
  return `${NAMESPACE}/${application}`
}

/** How Gatehouse is registered at the honest provider. */
export function registrationFor(authUrl: URL): ClientRegistration {
  return { ...CLIENT, redirectUris: [`${authUrl.origin}/callback/${PROVIDER}`] }
}

/** An object as a file of the resources directory has it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: Readonly<Record<string, unknown>>
}

const API = 'access.gatehouse.dev/v1alpha1'

/** Manifests of everything. */
export function manifests(issuers: {
  readonly company: string
  readonly hostile: string
  readonly rotating: string
}): readonly Manifest[] {
  return [
    provider(PROVIDER, issuers.company),
    provider(HOSTILE_PROVIDER, issuers.hostile),
    provider(ROTATING_PROVIDER, issuers.rotating),
    {
      apiVersion: API,
      kind: 'AccessPolicy',
      metadata: { name: 'staff', namespace: NAMESPACE },
      spec: { action: 'Allow', include: [{ emailDomain: 'example.com' }] },
    },
    ...APPLICATIONS.map((name) => application(name, PROVIDER)),
    application(HOSTILE_APPLICATION, HOSTILE_PROVIDER),
    application(ROTATING_APPLICATION, ROTATING_PROVIDER),
  ]
}

function provider(name: string, issuer: string): Manifest {
  return {
    apiVersion: API,
    kind: 'IdentityProvider',
    metadata: { name },
    spec: {
      displayName: name,
      type: 'OIDC',
      oidc: { issuer, clientID: CLIENT.clientId, clientSecretRef: { name: 'client', key: 'secret' } },
    },
  }
}

function application(name: ApplicationName, providerName: string): Manifest {
  return {
    apiVersion: API,
    kind: 'AccessApplication',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      destinations: [{ host: hostOf(name) }],
      policies: [{ name: 'staff' }],
      identityProviders: [providerName],
      ...(name === ROTATING_APPLICATION ? { identityHeaders: ['Groups'] } : {}),
    },
  }
}
