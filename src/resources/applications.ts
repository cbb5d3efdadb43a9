import { type Application, type Destination, IDENTITY_HEADERS, type Tile } from '../policy/application.ts'
import type { Entry, EntryOf } from './inventory.ts'
import { objectKey } from './inventory.ts'
import type { CompiledPolicy } from './policies.ts'
import { resolveReference } from './references.ts'
import type { Flaw } from './status.ts'
import type { AccessApplication } from './v1alpha1/access-application.ts'
import { durationSeconds } from './v1alpha1/duration.ts'

export interface ApplicationContext {
  /** Origin of the auth host: what tokens name as their issuer. */
  readonly issuer: string
  readonly systemNamespace: string
  /** SHA-256 of the text's UTF-8, as 64 hex digits. */
  readonly hashHex: (text: string) => string
  /** What every cookie's name begins with: `__Host-`, or nothing in the development mode. */
  readonly cookiePrefix: string
}

/** What applications may refer to. */
export interface Referents {
  readonly policies: ReadonlyMap<string, CompiledPolicy>
  /** Names of all providers, and whether each can be offered. */
  readonly providers: ReadonlyMap<string, boolean>
  readonly providerNames: readonly string[]
}

/** An application without its destinations. */
export type ApplicationParts = Omit<Application, 'destinations'>

export interface ApplicationFindings {
  readonly parts: ApplicationParts
  readonly accepted: readonly Flaw[]
  readonly references: readonly Flaw[] | undefined
}

/**
 * The audience of an application's tokens: SHA-256 over issuer, namespace and name, each on a line of its own, so that it
 * stays what it is when the object is made anew and differs between two installations.
 *
 * @returns 64 hex digits
 */
export function audienceOf(
  namespace: string,
  name: string,
  { issuer, hashHex }: Pick<ApplicationContext, 'issuer' | 'hashHex'>,
): string {
  return hashHex(`${issuer}\n${namespace}\n${name}`)
}

/** Compiles one application. Whatever is wrong with it or with what it refers to leaves it broken: nobody is let in. */
export function compileApplication(
  { object, namespace, name, flaws }: Entry | EntryOf<'AccessApplication'>,
  referents: Referents,
  context: ApplicationContext,
): ApplicationFindings {
  if (object?.kind !== 'AccessApplication') {
    return { parts: brokenParts(namespace ?? '', name, context), accepted: flaws, references: undefined }
  }
  const { spec, metadata } = object
  const base = brokenParts(metadata.namespace, metadata.name, context)
  const { policies, flaws: policyFlaws } = policiesOf(object, referents, context)
  const { flaws: providerFlaws, isShut } = providersOf(object, referents)
  const parts: ApplicationParts = {
    ...base,
    isBroken: policyFlaws.length > 0 || isShut,
    sameSite: spec.cookie.sameSite,
    policies,
    // All there are, by name: once a provider is removed, whoever signed in with it is not admitted any more.
    identityProviders: spec.identityProviders ?? referents.providerNames,
    sessionSeconds: spec.session === undefined ? undefined : durationSeconds(spec.session.duration),
    identityHeaders: IDENTITY_HEADERS.filter((header) => spec.identityHeaders.includes(header)),
    assertionGroups: spec.assertion.groups,
    assertionClaims: spec.assertion.claims,
    denyMessage: spec.denyPage?.message,
    tile: tileOf(object),
  }
  return { parts, accepted: [], references: [...policyFlaws, ...providerFlaws] }
}

/** The application to serve at these destinations, with nobody let in if `isShut`. */
export function applicationAt(
  parts: ApplicationParts,
  destinations: readonly Destination[],
  isShut: boolean,
): Application {
  return { ...parts, destinations, isBroken: parts.isBroken || isShut }
}

function brokenParts(namespace: string, name: string, context: ApplicationContext): ApplicationParts {
  const audience = audienceOf(namespace, name, context)
  return {
    key: objectKey(namespace, name),
    namespace,
    name,
    audience,
    cookieName: `${context.cookiePrefix}gatehouse-${audience.slice(0, 16)}`,
    sameSite: 'Lax',
    policies: [],
    isBroken: true,
    identityProviders: undefined,
    sessionSeconds: undefined,
    identityHeaders: IDENTITY_HEADERS,
    assertionGroups: false,
    assertionClaims: [],
    denyMessage: undefined,
    tile: undefined,
  }
}

function policiesOf({ spec, metadata }: AccessApplication, referents: Referents, context: ApplicationContext) {
  const policies = []
  const flaws: Flaw[] = []
  for (const reference of spec.policies) {
    const target = resolveReference(reference, metadata.namespace, context.systemNamespace)
    if (!('key' in target)) {
      flaws.push(target)
      continue
    }
    const found = referents.policies.get(target.key)
    if (found?.policy !== undefined) policies.push(found.policy)
    else if (found === undefined) flaws.push({ reason: 'PolicyNotFound', message: `there is no policy ${target.key}` })
    else flaws.push({ reason: 'PolicyBroken', message: `the policy ${target.key} is not valid` })
  }
  return { policies, flaws }
}

function providersOf({ spec }: AccessApplication, { providers }: Referents) {
  const flaws: Flaw[] = []
  let isShut = false
  for (const name of spec.identityProviders ?? []) {
    const isReady = providers.get(name)
    if (isReady === undefined) {
      isShut = true
      flaws.push({ reason: 'IdentityProviderNotFound', message: `there is no identity provider ${name}` })
    } else if (!isReady) {
      flaws.push({ reason: 'IdentityProviderNotReady', message: `the identity provider ${name} cannot be offered` })
    }
  }
  return { flaws, isShut }
}

function tileOf({ spec: { launcher }, metadata }: AccessApplication): Tile | undefined {
  if (launcher.hidden) return undefined
  return { title: launcher.title ?? metadata.name, description: launcher.description }
}
