import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kubernetes/kube-object.ts'
import { type IngressParts, ingress, reasonsOf, wired } from './ingress-world.ts'

interface Place {
  readonly namespace: string
  readonly service: string
  readonly port?: object
  readonly className?: string
}

function leadingTo(
  { namespace, service, port = { number: 80 }, className = 'traefik' }: Place,
  more: IngressParts = {},
): KubeObject {
  const backend = { service: { name: service, port } }
  const host = `${service}.${namespace}.example.com`
  const rules = [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }]
  return ingress({ namespace, className, spec: { rules }, ...more })
}

const OWN: Place = { namespace: 'team-a', service: 'web' }

test.for<[string, Place, Place, boolean]>([
  ['another name', OWN, { namespace: 'team', service: 'web' }, false],
  ['a name that makes the same with that of its namespace', OWN, { namespace: 'team', service: 'a-web' }, true],
  ['such a name and another port', OWN, { namespace: 'team', service: 'a-web', port: { number: 81 } }, false],
  [
    'a name that makes the same with that of its port',
    { ...OWN, port: { name: 'c' } },
    { namespace: 'team', service: 'a', port: { name: 'web-c' } },
    true,
  ],
  ['such a name by another class', OWN, { namespace: 'team', service: 'a-web', className: 'nginx' }, false],
  [
    'such a name, where neither is of Traefik',
    { ...OWN, className: 'nginx' },
    { namespace: 'team', service: 'a-web', className: 'nginx' },
    false,
  ],
])('an Ingress of another namespace that leads to a Service with %s', ([, own, theirs, isReported]) => {
  const both = [leadingTo(own), leadingTo(theirs, { name: 'other', annotations: {} })]
  expect(reasonsOf(wired(both), `${own.namespace}/grafana`)).toEqual(isReported ? ['HostPublishedElsewhere'] : [])
})

test('the author does not learn whose it is', () => {
  const theirs = leadingTo({ namespace: 'team', service: 'a-web' }, { name: 'secret', annotations: {} })
  const [flaw] = wired([leadingTo(OWN), theirs]).findings.get('team-a/grafana') ?? []
  expect(flaw?.message).not.toMatch(/secret|team/)
})
