import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Problem } from '../../src/config/problem.ts'
import type { Config } from '../../src/config/schema.ts'
import { filesOf, load, minimal } from './files.ts'
import { wrongStructures } from './wrong-structures.ts'
import { wrongValues } from './wrong-values.ts'

async function configOf(...args: Parameters<typeof load>): Promise<Config> {
  const result = await load(...args)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

async function problemsOf(...args: Parameters<typeof load>): Promise<readonly Problem[]> {
  const result = await load(...args)
  return result.ok ? [] : result.problems
}

describe('a configuration with the least that is needed', () => {
  test('gets a value for everything else', async () => {
    expect(await configOf(minimal())).toEqual({
      auth: { url: 'https://auth.example.com' },
      development: false,
      namespace: 'gatehouse',
      listeners: {
        check: { host: '0.0.0.0', port: 8181 },
        portal: { host: '0.0.0.0', port: 8080, clientAddress: { header: 'X-Forwarded-For', trustedHops: 0 } },
        ops: { host: '0.0.0.0', port: 9090 },
      },
      dialects: {
        nginx: { clientAddress: { header: 'X-Real-IP', trustedHops: 0 } },
        ingressNginx: { clientAddress: { header: 'X-Real-IP', trustedHops: 0 } },
        forward: { clientAddress: { header: 'X-Forwarded-For', trustedHops: 0 } },
      },
      resources: { type: 'Directory', directory: '/etc/gatehouse/resources', pollIntervalMs: 500 },
      store: { type: 'Memory' },
      keys: { type: 'File', file: '/etc/gatehouse/keys.json', create: true, rotate: true },
      tokens: { algorithm: 'ES256', appTokenLifetimeSeconds: 86_400, assertionLifetimeSeconds: 300 },
      sessions: {
        durationSeconds: 86_400,
        idleTimeoutSeconds: undefined,
        maxPerUser: undefined,
        refresh: { isEnabled: true, intervalMs: 3_600_000, boundMs: 7_200_000 },
      },
      revocation: { maxStalenessMs: 30_000, onStale: 'Deny' },
      log: { level: 'info', allowSampling: 1 },
      audit: { type: 'Stdout' },
      shutdown: { notReadyDelayMs: 5000, timeoutMs: 25_000 },
      hostClaims: [],
      controller: {
        enabled: true,
        portalService: { name: 'gatehouse-portal', port: 8080 },
        lease: 'gatehouse-leader',
        hostClaims: 'gatehouse-host-claims',
        admissionPolicies: [],
        gatewayApi: false,
        lockdown: false,
        ingressControllers: [],
      },
    })
  })

  test('brings the auth host’s URL to its canonical form', async () => {
    const config = await configOf(minimal({ auth: '{ url: "https://Auth.Example.com:443/" }' }))
    expect(config.auth.url).toBe('https://auth.example.com')
  })

  test('takes the address, the account and TLS from the URL of the Redis server', async () => {
    const url = 'rediss://gate%40house:p%3Aw@[::1]:6380/3'
    const { store } = await configOf(minimal({ store: `{ type: Redis, redis: { url: "${url}" } }` }))
    expect(store).toEqual({
      type: 'Redis',
      redis: {
        host: '::1',
        port: 6380,
        database: 3,
        username: 'gate@house',
        password: 'p:w',
        keyPrefix: 'gatehouse:',
        commandTimeoutMs: 100,
        connectTimeoutMs: 2000,
        tls: {},
      },
    })
  })

  test('takes Sentinels, and TLS towards them and towards the servers apart', async () => {
    const sentinel = '{ masterName: main, addresses: ["s-1:26379", "[::1]:26380"], username: watcher, tls: {} }'
    const { store } = await configOf(minimal({ store: `{ type: Redis, redis: { sentinel: ${sentinel} } }` }))
    expect(store).toEqual({
      type: 'Redis',
      redis: {
        sentinel: {
          masterName: 'main',
          addresses: [
            { host: 's-1', port: 26_379 },
            { host: '::1', port: 26_380 },
          ],
          username: 'watcher',
          tls: {},
        },
        database: 0,
        keyPrefix: 'gatehouse:',
        commandTimeoutMs: 100,
        connectTimeoutMs: 2000,
      },
    })
  })

  test('takes a Cluster', async () => {
    const redis = '{ cluster: { addresses: [c-1:7000] }, tls: { serverName: c.internal }, replicasToAcknowledge: 2 }'
    const { store } = await configOf(minimal({ store: `{ type: Redis, redis: ${redis} }` }))
    expect(store).toEqual({
      type: 'Redis',
      redis: {
        cluster: { addresses: [{ host: 'c-1', port: 7000 }] },
        keyPrefix: 'gatehouse:',
        commandTimeoutMs: 100,
        connectTimeoutMs: 2000,
        replicasToAcknowledge: 2,
        tls: { servername: 'c.internal' },
      },
    })
  })

  test('gets the admin listener only if there is an object for it, on this machine alone', async () => {
    expect((await configOf(minimal())).admin).toBeUndefined()
    expect((await configOf(minimal({ admin: '{ tokenFile: token }' }))).admin).toEqual({
      host: '127.0.0.1',
      port: 9091,
      tokenFile: '/etc/gatehouse/token',
      allowPlaintext: false,
    })
  })

  test('writes the audit trail where it is told to', async () => {
    expect((await configOf(minimal({ audit: '{ output: Off }' }))).audit).toEqual({ type: 'Off' })
    expect((await configOf(minimal({ audit: '{ output: File, file: audit.jsonl }' }))).audit).toEqual({
      type: 'File',
      file: '/etc/gatehouse/audit.jsonl',
    })
  })

  test('keeps the paths of files whose password may change', async () => {
    const files = {
      '/etc/gatehouse/one': 'first\n',
      '/etc/gatehouse/two': 'second',
      '/etc/gatehouse/url': 'redis://:p@r',
    }
    const redisOf = async (redis: string) => {
      const result = await load(minimal({ store: `{ type: Redis, redis: ${redis} }` }), {}, files)
      return result.ok && result.config.store.type === 'Redis' ? result.config.store.redis : result
    }
    const sentinel = '{ masterName: main, addresses: [s:1], passwordFile: two }'
    expect(await redisOf(`{ sentinel: ${sentinel}, passwordFile: one }`)).toMatchObject({
      password: 'first',
      passwordFile: { path: '/etc/gatehouse/one', holds: 'Password' },
      sentinel: { password: 'second', passwordFile: { path: '/etc/gatehouse/two', holds: 'Password' } },
    })
    expect(await redisOf('{ urlFile: url }')).toMatchObject({
      password: 'p',
      passwordFile: { path: '/etc/gatehouse/url', holds: 'Url' },
    })
  })

  test('allows http for localhost in development', async () => {
    const parts = { auth: '{ url: http://auth.localhost:8000 }', development: 'true' }
    expect((await configOf(minimal(parts))).auth.url).toBe('http://auth.localhost:8000')
  })
})

const wrong = [...wrongValues, ...wrongStructures]

describe('a configuration with one thing wrong is refused with exactly one problem', () => {
  test.for(wrong)('%s', async ([, yaml, path, found, expected]) => {
    const problems = await problemsOf(yaml)
    expect(problems).toEqual([{ path, found, expected, source: expect.stringMatching(/^gatehouse\.yaml(?::\d+)?$/) }])
  })
})

describe('a rule over several settings is checked whatever else is wrong', () => {
  const others = wrong.filter(([, , path]) => !/^(?:auth|development)/.test(path))
  test.for(others)('%s', async ([, yaml, path]) => {
    const problems = await problemsOf(yaml.replace('https://auth.example.com', 'http://auth.example.com'))
    expect(new Set(problems.map((problem) => problem.path))).toEqual(new Set(['auth.url', path]))
  })
})

describe('problems', () => {
  test('are reported all at once, each with its line', async () => {
    const yaml = [
      'auth:',
      '  url: http://auth.example.com',
      'listeners:',
      '  check: { port: x }',
      '  portal:',
      '    clientAddress: { header: "", trusted: 1 }',
      'store:',
      '  type: Redis',
      'keys: &keys',
      '  create: maybe',
      'shutdown: { notReadyDelay: 10s, timeout: 5s }',
      'log:',
      '  level:',
      '    loud',
    ].join('\n')
    const problems = await problemsOf(yaml, { GATEHOUSE_NAMESPACE: '-', GATEHOUSE_LOGLEVEL: 'info' })
    expect(problems.map(({ path, source }) => `${path} ${source}`).sort()).toEqual([
      ' GATEHOUSE_LOGLEVEL',
      'auth.url gatehouse.yaml:2',
      'keys gatehouse.yaml:9',
      'keys.create gatehouse.yaml:10',
      'listeners.check.port gatehouse.yaml:4',
      'listeners.portal.clientAddress.header gatehouse.yaml:6',
      'listeners.portal.clientAddress.trusted gatehouse.yaml:6',
      'log.level gatehouse.yaml:13',
      'namespace GATEHOUSE_NAMESPACE',
      'resources gatehouse.yaml',
      'shutdown.timeout gatehouse.yaml:11',
      'store.redis gatehouse.yaml:7',
    ])
  })

  test.for([
    ['a bad indent', 'auth:\n  url: https://a.example.com\n store: hunter2\n', 3],
    ['an open quote', 'auth: { url: "hunter2 }\n', 2],
    ['a key twice', 'namespace: a\nnamespace: b\n', 2],
    ['a second document', 'namespace: a\n---\nnamespace: b\n', 2],
    ['an unknown tag', 'namespace: !hunter2 a\n', 1],
    ['an alias without an anchor', 'namespace: a\nkeys: *hunter2\n', 2],
    ['an unknown escape', 'namespace: "\\hunter2"\n', 1],
    ['a directive that is none', '%hunter2\n---\nnamespace: a\n', 1],
    ['what is behind a value', 'namespace: "a" hunter2\n', 1],
    ['a reserved character', 'namespace: @hunter2\n', 1],
  ] as const)('name the line of %s, and quote nothing of it', async ([, yaml, line]) => {
    const problems = await problemsOf(yaml)
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems) {
      expect(problem).toMatchObject({ path: '', expected: 'sound YAML' })
      expect(JSON.stringify(problem)).not.toContain('hunter2')
    }
    expect(problems.map(({ source }) => source)).toContain(`gatehouse.yaml:${line}`)
  })

  test.for([
    ['auth:\n  url: https://a.example.com\n store: b\n', 'All mapping items must start at the same column'],
    ['auth:\n\turl: a\n', 'Tabs are not allowed as indentation'],
    ['namespace: a\nnamespace: b\n', 'Map keys must be unique'],
    ['auth: { url: "a }\n', 'Missing closing "quote'],
  ] as const)('say of %j what is wrong: %s', async ([yaml, found]) => {
    expect(await problemsOf(yaml)).toContainEqual(expect.objectContaining({ found }))
  })

  test('include a file that is a list', async () => {
    expect(await problemsOf('- auth\n')).toEqual([
      { path: '', source: 'gatehouse.yaml', found: 'a list', expected: 'an object' },
    ])
  })

  test('include a file that does not exist', async () => {
    const expected = { path: '', found: 'a file which does not exist', expected: 'a YAML file' }
    expect(await problemsOf(undefined)).toEqual([{ ...expected, source: 'gatehouse.yaml' }])

    const env = { GATEHOUSE_AUTH_URL: 'https://auth.example.com' }
    const named = await loadConfig({ file: 'other.yaml', cwd: '/', env, readFile: filesOf({}) })
    expect(named).toEqual({ ok: false, problems: [{ ...expected, source: 'other.yaml' }] })
  })

  test('of the reader itself are not swallowed', async () => {
    const fault = new RangeError('no code')
    const readFile = () => Promise.reject(fault)
    await expect(loadConfig({ file: undefined, cwd: '/', env: {}, readFile })).rejects.toBe(fault)
  })
})

test('anchors and aliases are followed, for values and for lines', async () => {
  const yaml = minimal({ listeners: '{ check: &one { host: 127.0.0.1 }, ops: *one }' })
  expect((await configOf(yaml)).listeners.ops).toEqual({ host: '127.0.0.1', port: 9090 })
})
