import type { Publication } from './objects.ts'

const MANY = Array.from({ length: 200 }, (_, index) => `h${index}.example.test`)

export interface BadIngress {
  readonly title: string
  readonly publication?: Partial<Publication>
  /** Set once it is there, since the API server refuses it at first. */
  readonly afterwards?: Readonly<Record<string, string>>
  /** Reason of a warning about the Ingress. */
  readonly warning?: string
  /** Condition of its application, and the reason. */
  readonly condition?: readonly [string, string]
}

/** What may be wrong with an annotated Ingress; each has a name and a host of its own. Needs the class `unknown`. */
export const badIngresses: readonly BadIngress[] = [
  {
    title: 'an unknown policy',
    publication: { ours: { policies: 'nonsense' } },
    condition: ['ResolvedRefs', 'PolicyNotFound'],
  },
  {
    title: 'a policy of a foreign namespace',
    publication: { ours: { policies: 'good/staff' } },
    condition: ['ResolvedRefs', 'NamespaceNotAllowed'],
  },
  {
    title: 'an unknown identity provider',
    publication: { ours: { policies: 'staff', 'identity-providers': 'nobody' } },
    condition: ['ResolvedRefs', 'IdentityProviderNotFound'],
  },
  {
    title: 'no policy',
    publication: { ours: { policies: '' } },
    warning: 'AnnotationInvalid',
    condition: ['Programmed', 'AnnotationInvalid'],
  },
  {
    title: 'what is no list of names',
    publication: { ours: { policies: 'a b, <c>' } },
    warning: 'AnnotationInvalid',
    condition: ['Programmed', 'AnnotationInvalid'],
  },
  {
    title: 'a thousand policies',
    publication: { ours: { policies: 'staff,'.repeat(1_000) } },
    warning: 'AnnotationInvalid',
  },
  {
    title: 'no duration',
    publication: { ours: { policies: 'staff', 'session-duration': 'for ever' } },
    warning: 'AnnotationInvalid',
    condition: ['Programmed', 'AnnotationInvalid'],
  },
  {
    title: 'a misspelt annotation',
    publication: { ours: { policies: 'staff', policy: 'x' } },
    warning: 'AnnotationInvalid',
  },
  {
    title: 'policies and an application',
    publication: { ours: { policies: 'staff', application: 'x' } },
    warning: 'AnnotationInvalid',
  },
  {
    title: 'an application that is not there',
    publication: { ours: { application: 'nonsense' } },
    warning: 'ApplicationNotFound',
  },
  { title: 'no host', publication: { hosts: [''] }, warning: 'HostMissing' },
  {
    title: '200 rules',
    publication: { hosts: MANY },
    warning: 'TooManyDestinations',
    condition: ['Programmed', 'TooManyDestinations'],
  },
  {
    title: 'a class that is not there',
    publication: { className: 'nonsense' },
    warning: 'ClassNotFound',
    condition: ['Programmed', 'ClassNotFound'],
  },
  {
    title: 'a class of somebody unknown',
    publication: { className: 'unknown' },
    warning: 'ControllerUnknown',
    condition: ['Programmed', 'ControllerUnknown'],
  },
  {
    title: 'two classes',
    afterwards: { 'kubernetes.io/ingress.class': 'unknown' },
    warning: 'ClassAmbiguous',
    condition: ['Programmed', 'ClassAmbiguous'],
  },
]
