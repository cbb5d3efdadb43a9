import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import type { Annotations } from './annotation-map.ts'
import type { WiringSettings } from './wiring.ts'

/** An application, as the check's URL names it. */
export interface Protected {
  readonly namespace: string
  readonly application: string
}

/** Annotations of an Ingress that make its proxy ask Gatehouse, and what stands in their way. */
export interface Keys {
  readonly set: Annotations
  readonly flaws: readonly Flaw[]
}

/** Objects that the annotations refer to. */
export interface KeyObjects {
  readonly objects: readonly KubeObject[]
  readonly flaws: readonly Flaw[]
}

/** Our own annotations on an Ingress, as they are taken back: those to remove, and lists that others have a part in. */
export interface TakenBack {
  readonly set: Annotations
  readonly remove: readonly string[]
}

/** How `/.gatehouse/` of a host is routed to the portal. */
export interface PortalShape {
  readonly annotations: Annotations
  readonly pathType: 'Prefix' | 'ImplementationSpecific'
  readonly hasTls: boolean
}

/** What has to be known of a kind of ingress controller. */
export interface IngressController {
  /** As in the mark on what we wired. */
  readonly name: string
  /** The `kubernetes.io/ingress.class` that it heeds by convention, even if there is no such IngressClass. */
  readonly legacyClass: string
  /** Page about it. */
  readonly guide: string
  /** Whether `spec.controller` of an IngressClass means it. */
  readonly isMeantBy: (controller: string) => boolean
  readonly keys: (ingress: KubeObject, application: Protected, settings: WiringSettings) => Keys
  readonly objects: (application: Protected, settings: WiringSettings) => KeyObjects
  /** Takes back by value: what somebody else wrote stays. */
  readonly takeBack: (annotations: Annotations, namespace: string, settings: WiringSettings) => TakenBack
  /** @param ingress one of those that publish the host */
  readonly portalShape: (ingress: KubeObject, host: string) => PortalShape
  /** Whether paths of the type are regular expressions on an Ingress with these annotations. */
  readonly readsRegex: (annotations: Annotations, pathType: unknown) => boolean
  /** Whether an Ingress that somebody wired by hand makes the proxy ask Gatehouse. */
  readonly asksGatehouse: (annotations: Annotations, settings: WiringSettings) => boolean
  /**
   * Whether it asks this very Gatehouse or answers nobody, so that no author's word has to be taken for it.
   *
   * @param annotations in place of those that the Ingress has
   */
  readonly asksThisGatehouse: (ingress: KubeObject, annotations: Annotations, settings: WiringSettings) => boolean
  /** Whether an Ingress has no paths of its own: it shares those of another one, and their protection. */
  readonly isShadow: (annotations: Annotations) => boolean
  /** Whether requests for a host may go to an Ingress for a wildcard over it. */
  readonly mayPreferWildcards: boolean
  /** Whether it may take a Service of one namespace for that of another, since it joins their names. */
  readonly joinsNames: boolean
  /** What an author ought to know; undefined: nothing. */
  readonly note: (className: string) => string | undefined
}
