import { createHash } from 'node:crypto'
import type { AccessRequest } from '../../src/policy/access-request.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Identity } from '../../src/policy/identity.ts'
import { match } from '../../src/policy/match.ts'
import type { Catalogue } from '../../src/resources/catalogue.ts'
import { type CompileContext, compile } from '../../src/resources/compile.ts'
import { foreignKind, type ReadObject, readObject } from '../../src/resources/objects.ts'

export const context: CompileContext = {
  issuer: 'https://auth.example.com',
  systemNamespace: 'gatehouse',
  hashHex: (text) => createHash('sha256').update(text).digest('hex'),
  cookiePrefix: '__Host-',
  hostClaims: [],
  allowHttpLocalhost: false,
  lastKnown: new Map(),
  objectsFrom: 'Files',
  isWhole: true,
}

/** A manifest as it would come out of a file; `name` is `name`, or `namespace/name`. */
export function manifest(kind: string, name: string, spec: unknown): Record<string, unknown> {
  const [first = '', second] = name.split('/')
  const metadata = second === undefined ? { name: first } : { namespace: first, name: second }
  return { apiVersion: 'access.gatehouse.dev/v1alpha1', kind, metadata, spec }
}

/** An application at one or several `host/path`, with policies by name. */
export function application(name: string, at: string | string[], policies: string[] = [], more: object = {}) {
  const destinations = [at].flat().map((text) => {
    const slash = text.indexOf('/')
    return slash === -1 ? { host: text } : { host: text.slice(0, slash), path: text.slice(slash) }
  })
  return manifest('AccessApplication', name, { destinations, policies: policies.map(reference), ...more })
}

export function policy(name: string, action: string, include: unknown[], more: object = {}) {
  return manifest('AccessPolicy', name, { action, include, ...more })
}

export function group(name: string, include: unknown[], more: object = {}) {
  return manifest('AccessGroup', name, { include, ...more })
}

export function provider(name: string, oidc: object = {}) {
  const settings = { issuer: 'https://login.example.com', clientID: 'gatehouse', ...oidc }
  return manifest('IdentityProvider', name, { type: 'OIDC', oidc: settings })
}

/** The manifest as an API server shows it that made it on this day of January. */
export function madeOn(day: number, object: Record<string, unknown>): Record<string, unknown> {
  const creationTimestamp = `2026-01-${String(day).padStart(2, '0')}T12:00:00Z`
  return { ...object, metadata: { ...(object.metadata as object), creationTimestamp } }
}

/** Reads manifests, but for those of other groups. */
export function readAll(raw: readonly unknown[]): ReadObject[] {
  const own = raw.filter((one) => foreignKind(one) === undefined)
  return own.map((one) => ({
    ...readObject(one),
    createdAt: (one as { metadata?: { creationTimestamp?: string } } | undefined)?.metadata?.creationTimestamp,
  }))
}

/** What the objects come to, but for those of other groups. */
export function compiled(raw: readonly unknown[], more: Partial<CompileContext> = {}): Catalogue {
  return compile(readAll(raw), { ...context, ...more })
}

/** The catalogues of a running process that reads these sets one after the other. */
export function compiledInTurn(sets: readonly (readonly unknown[])[], more: Partial<CompileContext> = {}): Catalogue[] {
  const catalogues: Catalogue[] = []
  for (const set of sets) {
    const lastKnown = catalogues.at(-1)?.lastKnown ?? context.lastKnown
    catalogues.push(compiled(set, { lastKnown, ...more }))
  }
  return catalogues
}

export function request(url: string, more: Partial<AccessRequest> = {}): AccessRequest {
  const slash = url.indexOf('/')
  return {
    method: 'GET',
    host: url.slice(0, slash),
    path: url.slice(slash),
    query: '',
    clientAddress: '192.0.2.7',
    isNavigation: true,
    credentials: { cookies: '', token: undefined },
    ...more,
  }
}

export function identity(name: string, more: Partial<Identity> = {}): Identity {
  return {
    provider: 'staff',
    subject: name,
    email: `${name}@example.com`,
    emailVerified: true,
    name,
    preferredUsername: name,
    groups: [],
    groupsIncomplete: false,
    claims: {},
    ...more,
  }
}

/** What the catalogue answers, as `allow policy-allows`. */
export function answer(catalogue: Catalogue, url: string, who?: Identity, more: Partial<AccessRequest> = {}): string {
  const asked = request(url, more)
  const found = match(catalogue.policySet, asked.host, asked.path)
  if (found === undefined) return 'forbid no-application'
  if (typeof found === 'string') return `forbid ${found}`
  const { outcome, reason } = decide(found, asked, who, 0)
  return `${outcome} ${reason}`
}

/** The conditions of an object, as `Accepted ResolvedRefs Programmed` when all is well. */
export function conditionsOf(catalogue: Catalogue, label: string): string {
  const status = catalogue.statuses.find(
    ({ kind, namespace, name }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}` === label,
  )
  return status === undefined ? 'none' : status.conditions.map(({ reason }) => reason).join(' ')
}

function reference(text: string): object {
  const [first = '', second] = text.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}
