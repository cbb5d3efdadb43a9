import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Problem } from '../../src/config/problem.ts'
import type { Config } from '../../src/config/schema.ts'
import { CERTIFICATE, filesOf, load, minimal } from './files.ts'

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
      resources: { directory: '/etc/gatehouse/resources', pollIntervalMs: 500 },
      store: { type: 'Memory' },
      keys: { type: 'File', file: '/etc/gatehouse/keys.json', create: true },
      tokens: { algorithm: 'ES256', appTokenLifetimeSeconds: 86_400, assertionLifetimeSeconds: 300 },
      sessions: { durationSeconds: 86_400 },
      revocation: { maxStalenessMs: 30_000 },
      log: { level: 'info', allowSampling: 1 },
      shutdown: { notReadyDelayMs: 5000, timeoutMs: 25_000 },
      hostClaims: [],
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

  test('allows http for localhost in development', async () => {
    const parts = { auth: '{ url: http://auth.localhost:8000 }', development: 'true' }
    expect((await configOf(minimal(parts))).auth.url).toBe('http://auth.localhost:8000')
  })
})

const redis = (settings: string) => minimal({ store: `{ type: Redis, redis: { ${settings} } }` })
const url = (value: string) => minimal({ auth: `{ url: ${JSON.stringify(value)} }` })
const urlExpected = 'a URL of scheme, host and port alone, such as `https://auth.example.com`'
const redisUrlExpected = 'a `redis://` or `rediss://` URL, with no placeholder as its password'

/** [what is wrong, the file, path, found, expected] */
const wrong: [string, string, string, string, string][] = [
  ['no auth', minimal().replace(/auth.*\n/, ''), 'auth.url', 'nothing', urlExpected],
  ['an empty auth', minimal({ auth: '' }), 'auth', 'an empty value', 'an object'],
  ['a path in the URL', url('https://a.example.com/x'), 'auth.url', '"https://a.example.com/x"', urlExpected],
  ['a query in the URL', url('https://a.example.com?x'), 'auth.url', '"https://a.example.com?x"', urlExpected],
  ['an account in the URL', url('https://u:pw@a.example.com'), 'auth.url', '"https://***@a.example.com"', urlExpected],
  ['another scheme', url('ftp://a.example.com'), 'auth.url', '"ftp://a.example.com"', urlExpected],
  ['a host that is none', url('https://a..example.com'), 'auth.url', '"https://a..example.com"', urlExpected],
  ['a port that is none', url('https://a.example.com:99999'), 'auth.url', '"https://a.example.com:99999"', urlExpected],
  [
    'http',
    url('http://a.example.com'),
    'auth.url',
    '"http://a.example.com"',
    'an `https://` URL; `http://` is for `development: true` alone',
  ],
  [
    'http on localhost without development',
    url('http://localhost:8000'),
    'auth.url',
    '"http://localhost:8000"',
    'an `https://` URL; `http://` is for `development: true` alone',
  ],
  [
    'development on a real host',
    minimal({ development: 'true' }),
    'auth.url',
    '"https://auth.example.com"',
    '`localhost` or a name below it, because `development` is on',
  ],
  [
    'development on a host that only looks local',
    minimal({ development: 'true', auth: '{ url: http://notlocalhost }' }),
    'auth.url',
    '"http://notlocalhost"',
    '`localhost` or a name below it, because `development` is on',
  ],
  ['a text for a switch', minimal({ development: 'yes' }), 'development', '"yes"', '`true` or `false`'],
  [
    'a namespace in capitals',
    minimal({ namespace: 'Gate' }),
    'namespace',
    '"Gate"',
    'the name of a Kubernetes namespace: at most 63 of a-z, 0-9 and `-`',
  ],
  [
    'a number for a name',
    minimal({ namespace: '7' }),
    'namespace',
    'the number 7',
    'the name of a Kubernetes namespace: at most 63 of a-z, 0-9 and `-`',
  ],
  [
    'a port out of range',
    minimal({ listeners: '{ check: { port: 70000 } }' }),
    'listeners.check.port',
    'the number 70000',
    'a whole number from 0 to 65535',
  ],
  [
    'a part of a port',
    minimal({ listeners: '{ check: { port: 80.5 } }' }),
    'listeners.check.port',
    'the number 80.5',
    'a whole number from 0 to 65535',
  ],
  [
    'a port twice',
    minimal({ listeners: '{ ops: { port: 8080 } }' }),
    'listeners.ops.port',
    'the number 8080',
    'a port of its own: `listeners.portal.port` is the same',
  ],
  [
    'a listener’s address',
    minimal({ listeners: '{ ops: { host: "*" } }' }),
    'listeners.ops.host',
    '"*"',
    'an IP address or a host name',
  ],
  ['a list for an object', minimal({ listeners: '[1]' }), 'listeners', 'a list', 'an object'],
  [
    'a header that is none',
    minimal({ dialects: '{ nginx: { clientAddress: { header: "X Real" } } }' }),
    'dialects.nginx.clientAddress.header',
    '"X Real"',
    'the name of a header: letters, digits and `-`',
  ],
  [
    'hops below 0',
    minimal({ dialects: '{ forward: { clientAddress: { trustedHops: -1 } } }' }),
    'dialects.forward.clientAddress.trustedHops',
    'the number -1',
    'a whole number from 0 to 16',
  ],
  ['no directory', minimal({ resources: '{}' }), 'resources.directory', 'nothing', 'the path of a folder'],
  [
    'an empty directory',
    minimal({ resources: '{ directory: "" }' }),
    'resources.directory',
    'an empty text',
    'the path of a folder',
  ],
  [
    'a duration without unit',
    minimal({ sessions: '{ duration: 24 }' }),
    'sessions.duration',
    'the number 24',
    'a duration from `1m` to `30d`',
  ],
  [
    'a duration that is too long',
    minimal({ sessions: '{ duration: 31d }' }),
    'sessions.duration',
    '"31d"',
    'a duration from `1m` to `30d`',
  ],
  [
    'an assertion that lives too long',
    minimal({ tokens: '{ assertionLifetime: 6m }' }),
    'tokens.assertionLifetime',
    '"6m"',
    'a duration from `10s` to `5m`',
  ],
  [
    'a part of a second',
    minimal({ sessions: '{ duration: 90500ms }' }),
    'sessions.duration',
    '"90500ms"',
    'a duration from `1m` to `30d`',
  ],
  [
    'an algorithm that is none',
    minimal({ tokens: '{ algorithm: none }' }),
    'tokens.algorithm',
    '"none"',
    'one of `ES256`, `RS256`, `EdDSA`',
  ],
  ['no store type', minimal({ store: '{}' }), 'store.type', 'nothing', 'one of `Memory`, `Redis`'],
  [
    'Redis without settings',
    minimal({ store: '{ type: Redis }' }),
    'store.redis',
    'nothing',
    'an object, because `store.type` is `Redis`',
  ],
  [
    'Redis settings for Memory',
    minimal({ store: '{ type: Memory, redis: { url: redis://r } }' }),
    'store.redis',
    'an object',
    'nothing: `store.type` is `Memory`',
  ],
  [
    'a URL that is not Redis’s',
    redis('url: "https://r"'),
    'store.redis.url',
    'a secret, which is not shown',
    redisUrlExpected,
  ],
  [
    'a placeholder in the URL',
    redis('url: "redis://:changeme@r"'),
    'store.redis.url',
    'a secret, which is not shown',
    redisUrlExpected,
  ],
  [
    'a placeholder',
    redis('url: redis://r, password: changeme'),
    'store.redis.password',
    'a secret, which is not shown',
    'a secret of your own in place of the placeholder',
  ],
  [
    'a variable nobody filled in',
    redis('url: redis://r, password: "{{ redis_password }}"'),
    'store.redis.password',
    'a secret, which is not shown',
    'a secret of your own in place of the placeholder',
  ],
  [
    'two passwords',
    redis('url: "redis://:one@r", password: two'),
    'store.redis.password',
    'a secret, which is not shown',
    'nothing, because the URL holds a password',
  ],
  [
    'TLS settings without TLS',
    redis('url: redis://r, tls: {}'),
    'store.redis.tls',
    'an object',
    'nothing, because the URL is no `rediss://` one',
  ],
  [
    'a certificate without key',
    redis(`url: rediss://r, tls: { cert: ${JSON.stringify(CERTIFICATE)} }`),
    'store.redis.tls.key',
    'nothing',
    'a value, because `cert` is given',
  ],
  [
    'a secret where an object belongs',
    minimal({ store: 'redis://:hunter2@r' }),
    'store',
    'a secret, which is not shown',
    'an object',
  ],
  ['no keys', minimal({ keys: '{}' }), 'keys', 'an object', 'exactly one of `file` and `set` (or `setFile`)'],
  [
    'keys twice',
    minimal({ keys: "{ file: keys.json, set: '{}' }" }),
    'keys',
    'an object',
    'exactly one of `file` and `set` (or `setFile`)',
  ],
  [
    'a key set that is no JSON',
    minimal({ keys: '{ set: hunter2 }' }),
    'keys.set',
    'a secret, which is not shown',
    'the JSON text of a key file',
  ],
  [
    'a share above 1',
    minimal({ log: '{ allowSampling: 50 }' }),
    'log.allowSampling',
    'the number 50',
    'a number from 0 to 1',
  ],
  [
    'a level that is none',
    minimal({ log: '{ level: trace }' }),
    'log.level',
    '"trace"',
    'one of `debug`, `info`, `warn`, `error`',
  ],
  [
    'a shutdown without time',
    minimal({ shutdown: '{ notReadyDelay: 30s }' }),
    'shutdown.timeout',
    'nothing',
    'more than `shutdown.notReadyDelay`',
  ],
  [
    'a claim on no host',
    minimal({ hostClaims: '[{ host: "a.*.com", namespace: a }]' }),
    'hostClaims.0.host',
    '"a.*.com"',
    'a host name in lower case without port, or `*.` and a host name',
  ],
  [
    'a claim by nobody',
    minimal({ hostClaims: '[{ host: a.com }]' }),
    'hostClaims.0.namespace',
    'nothing',
    'the name of a Kubernetes namespace: at most 63 of a-z, 0-9 and `-`',
  ],
  [
    'a host claimed twice',
    minimal({ hostClaims: '[{ host: a.com, namespace: a }, { host: a.com, namespace: b }]' }),
    'hostClaims.1.host',
    '"a.com"',
    'a host that no earlier entry names',
  ],
  [
    'an unknown key',
    minimal({ sesions: '{}' }),
    'sesions',
    'an unknown key',
    '`sessions`, perhaps; one of `auth`, `development`, `namespace`, `listeners`, `dialects`, `resources`, `store`, `keys`, `tokens`, `sessions`, `revocation`, `log`, `shutdown`, `hostClaims`',
  ],
  [
    'an unknown key below',
    minimal({ log: '{ pretty: true }' }),
    'log.pretty',
    'an unknown key',
    'one of `level`, `allowSampling`',
  ],
  [
    'an unknown key in a list',
    minimal({ hostClaims: '[{ host: a.com, namespace: a, hosts: b }]' }),
    'hostClaims.0.hosts',
    'an unknown key',
    '`host`, perhaps; one of `host`, `namespace`',
  ],
  [
    'a prototype for a key',
    minimal({ __proto: '{}' }).replace('__proto', '__proto__'),
    '__proto__',
    'an unknown key',
    'one of `auth`, `development`, `namespace`, `listeners`, `dialects`, `resources`, `store`, `keys`, `tokens`, `sessions`, `revocation`, `log`, `shutdown`, `hostClaims`',
  ],
]

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
      'resources.directory gatehouse.yaml',
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
  ] as const)('name the line of %s, and quote nothing of it', async ([, yaml, line]) => {
    const problems = await problemsOf(yaml)
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems) {
      expect(problem).toMatchObject({ path: '', expected: 'sound YAML' })
      expect(JSON.stringify(problem)).not.toContain('hunter2')
    }
    expect(problems.map(({ source }) => source)).toContain(`gatehouse.yaml:${line}`)
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
