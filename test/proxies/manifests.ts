import { ALICE, BOB, type WorldSettings } from '../parts/world.ts'

/** In a group for every day of a year and more: as much as nginx' buffers of 16 kB hold. */
const CAROL = { ...person('carol'), groups: groups(380) }
/** In more groups than any header of 16 kB can name. */
const DAVE = { ...person('dave'), groups: groups(900) }

function person(sub: string) {
  return { sub, email: `${sub}@example.com`, email_verified: true, preferred_username: sub, name: sub }
}

function groups(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `department-${String(index).padStart(4, '0')}-of-example-company`)
}

const ALLOW_EVERYONE = '{ action: Allow, include: [{ everyone: {} }] }'

/** What every proxy of the suite protects: the hosts and applications that the documented configurations name. */
export const proxyWorld = {
  authUrl: 'https://auth.example.com',
  providers: { company: { displayName: 'Example Company', accounts: [ALICE, BOB, CAROL, DAVE] } },
  apps: ['grafana', 'web', 'api'],
  resources: [
    policy('monitoring', 'engineers', '{ action: Allow, include: [{ group: { name: engineering } }] }'),
    policy('shop', 'readers', '{ action: Allow, include: [{ everyone: {} }], exclude: [{ method: [DELETE] }] }'),
    policy('shop', 'engineers', '{ action: Allow, include: [{ group: { name: engineering } }] }'),
    policy('shop', 'open', '{ action: Bypass, include: [{ everyone: {} }] }'),
    policy('lab', 'everyone', ALLOW_EVERYONE),
    policy('lab', 'open', '{ action: Bypass, include: [{ everyone: {} }] }'),
    application('monitoring', 'grafana', ['grafana.example.com'], 'engineers'),
    application('shop', 'web', ['shop.example.com'], 'readers'),
    application('shop', 'api', ['shop.example.com/api'], 'engineers'),
    application('shop', 'public', ['shop.example.com/public'], 'open'),
    application('lab', 'unrouted', ['unrouted.example.com'], 'everyone'),
    application('lab', 'wildcard', ['*.wild.example.com'], 'everyone'),
    application('lab', 'open', ['open.example.com', 'open.wild.example.com'], 'open'),
    application('lab', 'sparing', ['sparing.example.com'], 'open', 'identityHeaders: [User]'),
  ].join('---\n'),
} satisfies WorldSettings

function policy(namespace: string, name: string, spec: string): string {
  return `apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`
}

function application(
  namespace: string,
  name: string,
  places: readonly string[],
  policyName: string,
  more = '',
): string {
  const destinations = places.map((place) => {
    const [host = '', path = ''] = place.split(/(\/.*)/)
    return `{ host: '${host}', path: '${path === '' ? '/' : path}' }`
  })
  return `apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  destinations: [${destinations.join(', ')}]
  policies: [{ name: ${policyName} }]
  ${more}
`
}
