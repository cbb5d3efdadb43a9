import { expect, test } from 'vitest'
import { controllersOf, ingressClassReader } from '../../../src/kubernetes/wiring/ingress-class.ts'
import { classes, ingress, ingressClass } from './ingress-world.ts'

const DEFAULT = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
const legacy = (name: string) => ({ annotations: { 'kubernetes.io/ingress.class': name }, className: undefined })
const defaults = [ingressClass('plain', 'traefik.io/ingress-controller', DEFAULT), ...classes]
const twoDefaults = [ingressClass('other', 'k8s.io/ingress-nginx', DEFAULT), ...defaults]
const second = [ingressClass('internal', 'k8s.io/internal-ingress-nginx')]

const cases: [string, Parameters<typeof ingress>[0], typeof classes, string][] = [
  ['a class of ingress-nginx', { className: 'nginx' }, classes, 'ingress-nginx by Field nginx'],
  ['a class of Traefik', { className: 'traefik' }, classes, 'traefik by Field traefik'],
  ['a class of a second ingress-nginx', { className: 'internal' }, second, 'ingress-nginx by Field internal'],
  ['a class of another controller', { className: 'haproxy' }, classes, 'Unknown haproxy.org/ingress-controller'],
  ['a class that is not there', { className: 'nginx' }, [], 'ClassNotFound'],
  ['no class', { className: undefined }, classes, 'ClassNotFound'],
  ['no class, with a default', { className: undefined }, defaults, 'traefik by Field plain'],
  ['no class, with two defaults', { className: undefined }, twoDefaults, 'ClassAmbiguous'],
  ['an empty class', { className: '' }, classes, 'ClassNotFound'],
  ['the annotation', legacy('traefik'), classes, 'traefik by Annotation traefik'],
  ['the annotation alone, by convention', legacy('nginx'), [], 'ingress-nginx by Annotation nginx'],
  ['the annotation alone, of another name', legacy('edge'), [], 'ClassNotFound'],
  ['class and annotation alike', { ...legacy('nginx'), className: 'nginx' }, classes, 'ingress-nginx by Field nginx'],
  ['class and annotation of two', { ...legacy('nginx'), className: 'traefik' }, classes, 'ClassAmbiguous'],
]

test.for(cases)('an Ingress with %s', ([, parts, ingressClasses, expected]) => {
  const serving = ingressClassReader(ingressClasses)(ingress(parts))
  const shown =
    serving.outcome === 'Known'
      ? `${serving.controller.name} by ${serving.reference.by} ${serving.reference.name}`
      : serving.outcome === 'Unknown'
        ? `Unknown ${serving.controllerName}`
        : serving.flaw.reason
  expect(shown).toBe(expected)
})

test('where it is not certain who serves an Ingress, all that are known may', () => {
  const servingOf = ingressClassReader(classes)
  const names = (className: string | undefined) =>
    controllersOf(servingOf(ingress({ className }))).map(({ name }) => name)
  expect(names('traefik')).toEqual(['traefik'])
  expect(names('haproxy')).toEqual(['ingress-nginx', 'traefik'])
  expect(names(undefined)).toEqual(['ingress-nginx', 'traefik'])
})

test('the fix names classes that there are', () => {
  const serving = ingressClassReader(classes)(ingress({ className: 'ngnix' }))
  const message =
    'there is no IngressClass ngnix; make it, or name another in spec.ingressClassName, such as haproxy or nginx or traefik'
  expect(serving).toMatchObject({ flaw: { message } })
  const without = ingressClassReader([])(ingress({ className: 'ngnix' }))
  expect(without).toMatchObject({ flaw: { message: expect.stringMatching(/; the cluster has no IngressClass yet$/) } })
})
