import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostOf, NAMESPACE } from '../request.ts'

/** The application that gets every identity header, and the one that gets the user alone. */
export const FULL = 'full'
export const USER = 'user'
export const PROVIDER = 'bench'
export const CLIENT = {
  clientId: 'gatehouse',
  clientSecret: 'a secret of the benchmark, of no worth elsewhere',
} as const

/** The person who signs in everywhere. */
export const PERSON = {
  sub: 'ada',
  email: 'ada@example.com',
  email_verified: true,
  name: 'Ada Lovelace',
  preferred_username: 'ada',
  groups: ['engineering', 'staff'],
}

const API = 'access.gatehouse.dev/v1alpha1'
const PER_FILE = 1000

/** Writes the manifests that the benchmark runs with: one provider, one policy and so many applications. */
export async function writeResources(
  directory: string,
  { applications, issuer }: { readonly applications: number; readonly issuer: string },
): Promise<{ resources: string; secrets: string }> {
  const [resources, secrets] = [join(directory, 'resources'), join(directory, 'secrets')]
  await mkdir(resources)
  await mkdir(join(secrets, PROVIDER), { recursive: true })
  await writeFile(join(secrets, PROVIDER, 'client-secret'), CLIENT.clientSecret, { mode: 0o600 })
  await writeManifests(join(resources, 'shared.yaml'), [provider(issuer), policy])
  await writeApplications(resources, applications)
  return { resources, secrets }
}

/** Writes the applications, a thousand to a file. */
export async function writeApplications(resources: string, count: number): Promise<void> {
  const all = [
    application(FULL),
    application(USER, ['User']),
    ...Array.from({ length: count - 2 }, (_, index) => application(`app-${index}`)),
  ]
  for (let start = 0; start < all.length; start += PER_FILE) {
    await writeManifests(join(resources, `applications-${start / PER_FILE}.yaml`), all.slice(start, start + PER_FILE))
  }
}

function writeManifests(file: string, objects: readonly object[]): Promise<void> {
  return writeFile(file, objects.map((object) => `${JSON.stringify(object)}\n`).join('---\n'))
}

const policy = {
  apiVersion: API,
  kind: 'AccessPolicy',
  metadata: { name: 'engineers', namespace: NAMESPACE },
  spec: {
    action: 'Allow',
    include: [{ emailDomain: 'example.com' }],
    require: [{ group: { name: 'engineering' } }],
  },
}

function provider(issuer: string): object {
  return {
    apiVersion: API,
    kind: 'IdentityProvider',
    metadata: { name: PROVIDER },
    spec: {
      displayName: 'Benchmark',
      type: 'OIDC',
      oidc: { issuer, clientID: CLIENT.clientId, clientSecretRef: { name: PROVIDER, key: 'client-secret' } },
    },
  }
}

function application(name: string, identityHeaders?: readonly string[]): object {
  return {
    apiVersion: API,
    kind: 'AccessApplication',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      destinations: [{ host: hostOf(name) }],
      policies: [{ name: 'engineers' }],
      ...(identityHeaders === undefined ? {} : { identityHeaders }),
    },
  }
}
