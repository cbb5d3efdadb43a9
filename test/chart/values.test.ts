import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { needs } from '../parts/needs.ts'
import { CHART, helms, lint, minimal, profiles, render } from './helm.ts'

const text = readFileSync(join(CHART, 'values.yaml'), 'utf8')

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: unknown
}

const schema: Schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'))

/** Paths of the values that a schema knows, and those that a file gives, both without what is inside lists and maps. */
function knownPaths({ properties = {} }: Schema, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([key, inner]) =>
    inner.properties === undefined ? [`${prefix}${key}`] : knownPaths(inner, `${prefix}${key}.`),
  )
}

function isGiven(path: string): boolean {
  let value: unknown = parse(text)
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
    value = (value as Record<string, unknown>)[key]
  }
  return true
}

test('the file of values shows every value there is', () => {
  expect(knownPaths(schema).filter((path) => path !== 'global' && !isGiven(path))).toEqual([])
})

test('the file of values is at most 250 lines long', () => {
  expect(text.split('\n').length).toBeLessThanOrEqual(251)
})

const ingressClass = minimal.ingressClasses[0]

const sentinel = (more: object = {}) => ({ sentinel: { masterName: 'm', addresses: ['s:26379'], ...more } })

/** Values that are refused, over the least that is needed, and what the refusal says. */
const refusals: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['no auth host', { authUrl: '' }, /Set authUrl to the URL of the auth host/],
  ['an auth host by http', { authUrl: 'http://auth.example.com' }, /'\/authUrl'.*https:/],
  ['an auth host with a path', { authUrl: 'https://example.com/auth' }, /'\/authUrl'.*does not match/],
  ['an auth host of another type', { authUrl: true }, /'\/authUrl': got boolean, want string/],
  ['no place for sessions', { redis: {} }, /Say where sessions are kept: set redis\.existingSecret\.name/],
  [
    'two places for sessions',
    { redis: { url: 'redis://r', trial: { enabled: true } } },
    /Set only one of redis\.url and redis\.trial/,
  ],
  ['a URL of something else', { redis: { url: 'https://r' } }, /'\/redis\/url'.*does not match/],
  [
    'TLS without a Secret',
    { redis: { ...minimal.redis, tls: { serverName: 'r' } } },
    /redis\.tls\.serverName needs redis\.tls\.existingSecret/,
  ],
  [
    'a certificate without a Secret',
    { redis: { ...sentinel({ tls: { enabled: true, clientCertificate: true } }) } },
    /redis\.sentinel\.tls\.clientCertificate needs redis\.sentinel\.tls\.existingSecret/,
  ],
  [
    'Sentinels and a Cluster',
    { redis: { ...sentinel(), cluster: { addresses: ['r:6379'] } } },
    /Set only one of redis\.sentinel and redis\.cluster/,
  ],
  ['Sentinels without a master', { redis: sentinel({ masterName: '' }) }, /redis\.sentinel needs both: masterName/],
  [
    'a Sentinel without port',
    { redis: sentinel({ addresses: ['sentinel-0'] }) },
    /'\/redis\/sentinel\/addresses\/0'.*does not match/,
  ],
  [
    'a Sentinel twice',
    { redis: sentinel({ addresses: ['s:26379', 's:26379'] }) },
    /'\/redis\/sentinel\/addresses': items at 0 and 1 are equal/,
  ],
  [
    'a password for the trial Redis',
    { redis: { ...minimal.redis, passwordSecret: { name: 'x' } } },
    /do not go with redis\.trial/,
  ],
  [
    'two passwords of Redis',
    { redis: { url: 'redis://u:p@r', passwordSecret: { name: 'x' } } },
    /redis\.url holds a password/,
  ],
  [
    'half a replica',
    { redis: { ...minimal.redis, replicasToAcknowledge: 0.5 } },
    /'\/redis\/replicasToAcknowledge': got number, want integer/,
  ],
  ['TLS to a plain Redis', { redis: { url: 'redis://r', tls: { existingSecret: 'x' } } }, /redis\.tls is for a rediss/],
  ['an unknown key', { replicaCount: 2 }, /additional properties 'replicaCount' not allowed/],
  ['an unknown key further down', { image: { name: 'x' } }, /'\/image': additional properties 'name' not allowed/],
  ['a number in words', { replicas: 'two' }, /'\/replicas': got string, want integer/],
  ['no replicas', { replicas: 0 }, /'\/replicas': minimum: got 0, want 1/],
  ['an unknown level', { log: { level: 'trace' } }, /'\/log\/level': value must be one of 'debug', 'info'/],
  ['a duration without unit', { sessions: { duration: '24' } }, /'\/sessions\/duration'.*does not match/],
  ['a duration that is none', { sessions: { idleTimeout: 'never' } }, /'\/sessions\/idleTimeout'.*does not match/],
  [
    'scrapes too rare for the alerts',
    { monitoring: { serviceMonitor: { interval: '3m' } } },
    /monitoring\.serviceMonitor\.interval \(3m\) has to be at most 2m/,
  ],
  ['no session at all', { sessions: { maxPerUser: 0 } }, /'\/sessions\/maxPerUser': minimum: got 0, want 1/],
  [
    'an unknown word for what is stale',
    { revocation: { onStale: 'Ignore' } },
    /'\/revocation\/onStale': value must be one of 'Deny', 'Allow'/,
  ],
  ['an unknown way of auditing', { audit: { output: 'stdout' } }, /'\/audit\/output': value must be one of 'Stdout'/],
  ['a file of records in the pod', { audit: { output: 'File' } }, /audit\.output File needs audit\.existingClaim/],
  ['a claim for no file', { audit: { existingClaim: 'a' } }, /audit\.existingClaim is for audit\.output File/],
  [
    'an admin API for anybody',
    { admin: { enabled: true, bearerToken: false, tls: { existingSecret: 'a' } } },
    /anybody could call the admin API/,
  ],
  [
    'peers of an admin API that sends its token in plain text',
    { admin: { enabled: true, from: [{ namespace: 'a' }] } },
    /admin\.from needs admin\.tls\.existingSecret/,
  ],
  [
    'client certificates without TLS',
    { admin: { enabled: true, tls: { clientCASecret: { name: 'a' } } } },
    /clientCASecret needs admin\.tls\.existingSecret/,
  ],
  [
    'names without certificates',
    { admin: { enabled: true, tls: { existingSecret: 'a', allowedNames: ['a'] } } },
    /allowedNames needs admin\.tls\.clientCASecret/,
  ],
  [
    'two listeners on a port',
    { admin: { enabled: true, port: 9090 } },
    /admin\.port \(9090\) is that of listeners\.ops/,
  ],
  [
    'an unknown controller',
    { ingressClasses: [{ ...ingressClass, controller: 'haproxy' }] },
    /'\/ingressClasses\/0\/controller': value must be one of 'ingress-nginx', 'traefik'/,
  ],
  [
    'a class without name',
    { ingressClasses: [{ controller: 'traefik' }] },
    /'\/ingressClasses\/0': missing property 'name'/,
  ],
  [
    'a controller nobody knows the place of',
    { ingressClasses: [{ name: 'a', controller: 'traefik' }] },
    /set pods .* or cidrs of a/,
  ],
  [
    'a controller on the host’s network without addresses',
    {
      ingressClasses: [
        { name: 'a', controller: 'traefik', hostNetwork: true, pods: { namespace: 'a', labels: { a: 'b' } } },
      ],
    },
    /a uses the host's network.*set its cidrs/,
  ],
  ['a class twice', { ingressClasses: [ingressClass, ingressClass] }, /ingressClasses names nginx twice/],
  [
    'two default classes',
    {
      ingressClasses: [
        { ...ingressClass, default: true },
        { ...ingressClass, name: 'b', default: true },
      ],
    },
    /only one of nginx and b can be the default/,
  ],
  ['no class for the portal', { ingressClasses: [] }, /set portal\.ingress\.className/],
  [
    'two routes to the portal',
    { portal: { httpRoute: { enabled: true, parentRefs: [{ name: 'g' }] } } },
    /Set only one of portal\.ingress/,
  ],
  [
    'a route without a Gateway',
    { portal: { ingress: { enabled: false }, httpRoute: { enabled: true } } },
    /Set portal\.httpRoute\.parentRefs/,
  ],
  ['too short a grace period', { terminationGracePeriodSeconds: 25 }, /has to be more than shutdown\.timeout \(25s\)/],
  ['a grace period beside minutes', { shutdown: { timeout: '1m' } }, /has to be more than shutdown\.timeout \(1m\)/],
  ['two authorities', { extraCA: { configMap: 'a', secret: 'b' } }, /Set only one of extraCA/],
  [
    'a claim without namespace',
    { hostClaims: [{ host: 'a.example.com' }] },
    /'\/hostClaims\/0': missing property 'namespace'/,
  ],
  ['a policy without spec', { policies: [{ name: 'a' }] }, /'\/policies\/0': missing property 'spec'/],
  ['a digest that is none', { image: { digest: 'latest' } }, /'\/image\/digest'.*does not match/],
  [
    'fewer replicas at most than at least',
    { autoscaling: { enabled: true, maxReplicas: 1 } },
    /maxReplicas is less than/,
  ],
]

needs(helms, 'the values of the chart', () => {
  for (const program of helms) {
    test.for(profiles)(`of the profile $profile pass the lint of ${program}`, async ({ file }) => {
      const { code, output, error } = await lint(program, ['--strict', '--values', file])
      expect(`${output}${error}`).not.toMatch(/\[(?:ERROR|WARNING)\]/)
      expect(code).toBe(0)
    })

    test(`of Traefik are refused by ${program} in a namespace whose name Traefik could take for another`, async () => {
      const traefik = { ...ingressClass, name: 'traefik', controller: 'traefik' }
      const args = ['--namespace', 'access-system']
      await expect(render(program, args, { ...minimal, ingressClasses: [traefik] })).rejects.toThrow(
        /namespace without a dash.*whoever has the namespace access could/s,
      )
      await expect(render(program, args, minimal)).resolves.not.toEqual([])
    })

    test(`with the least that is needed are rendered by ${program}`, async () => {
      await expect(render(program, [], minimal)).resolves.not.toEqual([])
    })

    test.for(refusals)(`with %s are refused by ${program}, which says why`, async ([, values, message]) => {
      await expect(render(program, [], { ...minimal, ...values })).rejects.toThrow(message)
    })
  }
})
