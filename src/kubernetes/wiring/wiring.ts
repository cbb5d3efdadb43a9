import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'

/** What the controller saw of the cluster at one moment, as far as it bears on wiring. */
export interface ClusterView {
  readonly ingresses: readonly KubeObject[]
  readonly ingressClasses: readonly KubeObject[]
  readonly httpRoutes: readonly KubeObject[]
  /** AccessApplications, by `namespace/name`. */
  readonly applications: ReadonlyMap<string, KubeObject>
  /** The hosts that an application has, in force or shut: those of another namespace are not among them. */
  readonly hostsOf: (applicationKey: string) => readonly string[]
}

export interface WiringSettings {
  readonly systemNamespace: string
  /** Where proxies reach the check listener: scheme, host and port. */
  readonly checkUrl: string
  /** The Service of the portal, in the system namespace. */
  readonly portalService: { readonly name: string; readonly port: number }
  /** Scheme of every app's public URL. */
  readonly scheme: 'http' | 'https'
  readonly authHost: string
  /** Names of the IngressClasses whose Ingresses get their keys at admission, before any proxy sees them. */
  readonly admissionPolicies: ReadonlySet<string>
}

/** Annotations of one object that are to hold, or to go. Keys of others are never among them. */
export interface AnnotationEdit {
  readonly target: KubeObject
  readonly set: Readonly<Record<string, string>>
  readonly remove: readonly string[]
}

/** Something wrong with an annotated object, for an event on it. */
export interface SourceProblem extends Flaw {
  readonly target: KubeObject
}

/** What is to be in the cluster so that annotated objects are protected. */
export interface Wiring {
  /** Objects that are wholly ours. Each carries the owner label. */
  readonly objects: readonly KubeObject[]
  readonly edits: readonly AnnotationEdit[]
  /** What keeps applications from being wired, by `namespace/name`; empty for one that is wired. */
  readonly findings: ReadonlyMap<string, readonly Flaw[]>
  /** What an author ought to know although nothing is wrong, by `namespace/name`. */
  readonly notes: ReadonlyMap<string, string>
  readonly problems: readonly SourceProblem[]
}

/** What the controller creates for applications carries this label; by it the controller finds what is to go. */
export const OWNER_LABEL = { 'access.gatehouse.dev/owner': 'controller' } as const

/** Prefix of the annotations that authors write and of the mark that we leave. */
export const ANNOTATION_PREFIX = 'access.gatehouse.dev/'
