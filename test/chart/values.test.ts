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
    /need redis\.tls\.existingSecret/,
  ],
  ['TLS to a plain Redis', { redis: { url: 'redis://r', tls: { existingSecret: 'x' } } }, /redis\.tls is for a rediss/],
  ['an unknown key', { replicaCount: 2 }, /additional properties 'replicaCount' not allowed/],
  ['an unknown key further down', { image: { name: 'x' } }, /'\/image': additional properties 'name' not allowed/],
  ['a number in words', { replicas: 'two' }, /'\/replicas': got string, want integer/],
  ['no replicas', { replicas: 0 }, /'\/replicas': minimum: got 0, want 1/],
  ['an unknown level', { log: { level: 'trace' } }, /'\/log\/level': value must be one of 'debug', 'info'/],
  ['a duration without unit', { sessions: { duration: '24' } }, /'\/sessions\/duration'.*does not match/],
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
