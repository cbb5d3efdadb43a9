import type { z } from 'zod'
import { type AccessApplication, accessApplication } from './access-application.ts'
import { type AccessGroup, accessGroup } from './access-group.ts'
import { type AccessPolicy, accessPolicy } from './access-policy.ts'
import { type IdentityProvider, identityProvider } from './identity-provider.ts'
import { applicationStatus, objectStatus } from './status.ts'

export type ResourceObject = AccessApplication | AccessPolicy | AccessGroup | IdentityProvider
export type Kind = ResourceObject['kind']

export interface KindDeclaration {
  readonly kind: Kind
  readonly scope: 'Namespaced' | 'Cluster'
  /** Of manifests. Their `status` may be anything: it says nothing to Gatehouse. */
  readonly schema: z.ZodType<ResourceObject>
  /** Of what Gatehouse writes into `status` in a cluster. */
  readonly status: z.ZodType
  /** One sentence or two. */
  readonly summary: string
}

/** Every kind of the group, in the order in which the reference lists them. */
export const kinds: Readonly<Record<Kind, KindDeclaration>> = {
  AccessApplication: {
    kind: 'AccessApplication',
    scope: 'Namespaced',
    schema: accessApplication,
    status: applicationStatus,
    summary: 'What is protected: hosts and paths, the policies that decide about them, and how people sign in.',
  },
  AccessPolicy: {
    kind: 'AccessPolicy',
    scope: 'Namespaced',
    schema: accessPolicy,
    status: objectStatus,
    summary: 'An action and the rules that say to whom it applies. Applications name the policies they use.',
  },
  AccessGroup: {
    kind: 'AccessGroup',
    scope: 'Namespaced',
    schema: accessGroup,
    status: objectStatus,
    summary: 'A named, reusable set of rules, for the rule `accessGroup`.',
  },
  IdentityProvider: {
    kind: 'IdentityProvider',
    scope: 'Cluster',
    schema: identityProvider,
    status: objectStatus,
    summary: 'Where people sign in. It belongs to the whole cluster; its secret is read in the system namespace.',
  },
}
