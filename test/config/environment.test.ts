import { describe, expect, test } from 'vitest'
import { ADMIN_CLIENT_VARIABLES } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Setting, settings } from '../../src/config/settings.ts'
import { CERTIFICATE, filesOf, load, minimal } from './files.ts'

/** Values that are not the default, as texts of a variable. */
function otherValue({ name, kind, expects }: Setting): string {
  const special: Record<string, string> = {
    'auth.url': 'https://other.example.com',
    namespace: 'elsewhere',
    'store.type': 'Redis',
    'store.redis.url': 'redis://elsewhere:6390/2',
    'store.redis.keyPrefix': 'other:',
    'store.redis.commandTimeout': '70ms',
    'store.redis.connectTimeout': '700ms',
    'resources.pollInterval': '700ms',
    'log.allowSampling': '0.5',
    'keys.set': '{"a":1}',
    'tokens.algorithm': 'EdDSA',
    'log.level': 'warn',
    'shutdown.notReadyDelay': '7s',
    'shutdown.timeout': '77s',
    hostClaims: '[{ host: a.example.com, namespace: a }]',
    auth: '{ url: https://whole.example.com }',
    store: '{ type: Redis, redis: { url: redis://whole } }',
    'store.redis': '{ url: redis://whole }',
    'store.redis.tls': '{ serverName: redis.internal }',
    'store.redis.sentinel': '{ masterName: whole, addresses: [whole:1] }',
    'store.redis.sentinel.addresses': '[other:1]',
    'store.redis.sentinel.tls': '{ serverName: redis.internal }',
    'store.redis.cluster': '{ addresses: [whole:1] }',
    'store.redis.cluster.addresses': '[other:1]',
    keys: '{ file: whole.json, create: false }',
    listeners: '{ ops: { port: 7070 } }',
    dialects: '{ forward: { clientAddress: { trustedHops: 7 } } }',
    'listeners.portal.clientAddress': '{ trustedHops: 7 }',
    resources: '{ directory: whole }',
    tokens: '{ appTokenLifetime: 7h }',
    sessions: '{ duration: 7h }',
    'sessions.idleTimeout': '7m',
    'sessions.refresh': '{ interval: 7m }',
    'sessions.refresh.bound': '7h',
    revocation: '{ maxStaleness: 7s }',
    'revocation.onStale': 'Allow',
    audit: '{ output: Off }',
    'audit.output': 'Off',
    log: '{ level: error }',
    shutdown: '{ notReadyDelay: 7s }',
    'resources.kubernetes': '{ kubeconfig: whole }',
    controller: '{ lease: whole }',
    'controller.checkUrl': 'http://elsewhere:1234',
    'controller.gatewayApi': 'true',
    'controller.lockdown': 'true',
    'controller.admissionPolicies': '[nginx]',
    'controller.ingressControllers': '[{ className: nginx }]',
    admin: '{ tokenFile: whole }',
    'admin.host': '127.0.0.2',
    'admin.tls': '{ certFile: whole, keyFile: whole }',
    'admin.tls.allowedNames': '[somebody]',
    'admin.allowPlaintext': 'true',
  }
  const value = special[name]
  if (value !== undefined) return value
  if (expects.includes('PEM')) return CERTIFICATE.trimEnd()
  if (expects.includes('duration')) return '4m'
  if (kind === 'boolean') return name === 'development' ? 'true' : 'false'
  if (kind === 'number') return '7'
  if (name.startsWith('dialects.') && kind === 'object') {
    return name.endsWith('clientAddress') ? '{ trustedHops: 7 }' : '{ clientAddress: { trustedHops: 7 } }'
  }
  if (kind === 'object') return '{ port: 7070 }'
  return name.endsWith('header') ? 'X-Other' : 'other.internal'
}

/** What else must be given so that the setting may be. */
function companions({ name }: Setting): Record<string, string> {
  if (/^store\.redis\.(?:sentinel|cluster)/.test(name)) return companionsInSet(name)
  const tls = name.startsWith('store.redis.tls')
  const redis = { GATEHOUSE_STORE_TYPE: 'Redis', GATEHOUSE_STORE_REDIS_URL: tls ? 'rediss://r' : 'redis://r' }
  if (name.startsWith('admin.tls.')) {
    return { GATEHOUSE_ADMIN_TOKEN_FILE: 'token', GATEHOUSE_ADMIN_TLS: '{ certFile: cert, keyFile: key }' }
  }
  if (name.startsWith('admin.') && name !== 'admin.tokenFile') return { GATEHOUSE_ADMIN_TOKEN_FILE: 'token' }
  if (name === 'audit.file') return { GATEHOUSE_AUDIT: '{ output: File, file: whole }' }
  if (name === 'development') return { GATEHOUSE_AUTH_URL: 'http://localhost' }
  if (name === 'store.type') return { GATEHOUSE_STORE_REDIS_URL: 'redis://r' }
  if (/^keys\.set/.test(name)) return { GATEHOUSE_KEYS: '{}' }
  if (name.startsWith('resources.kubernetes')) return { GATEHOUSE_RESOURCES: '{ kubernetes: {} }' }
  if (name === 'keys.kubernetesSecret') return { GATEHOUSE_RESOURCES: '{ kubernetes: {} }', GATEHOUSE_KEYS: '{}' }
  if (/tls\.cert/.test(name)) return { ...redis, GATEHOUSE_STORE_REDIS_TLS_KEY: CERTIFICATE }
  if (/tls\.key/.test(name)) return { ...redis, GATEHOUSE_STORE_REDIS_TLS_CERT: CERTIFICATE }
  if (/^store\.redis(?:\.url|$)/.test(name)) return { GATEHOUSE_STORE_TYPE: 'Redis' }
  return name.startsWith('store.redis') ? redis : {}
}

/** Likewise, for what belongs to Sentinels or to a Cluster. */
function companionsInSet(name: string): Record<string, string> {
  const redis = { GATEHOUSE_STORE_TYPE: 'Redis' }
  const cluster = { ...redis, GATEHOUSE_STORE_REDIS_CLUSTER: '{ addresses: [c:1] }' }
  const sentinel = { ...redis, GATEHOUSE_STORE_REDIS_SENTINEL: '{ masterName: m, addresses: [s:1] }' }
  if (/tls\.cert/.test(name)) return { ...sentinel, GATEHOUSE_STORE_REDIS_SENTINEL_TLS_KEY: CERTIFICATE }
  if (/tls\.key/.test(name)) return { ...sentinel, GATEHOUSE_STORE_REDIS_SENTINEL_TLS_CERT: CERTIFICATE }
  if (name.split('.').length === 3) return redis
  return name.startsWith('store.redis.cluster') ? cluster : sentinel
}

/** Without the paths of files that are followed. */
const withoutPaths = (effect: string) => effect.replace(/,"passwordFile":\{[^}]*\}/, '')

/** What loading with these variables gives, with and without the one that is tried. */
async function effectOf(variables: Record<string, string>, files: Record<string, string> = {}) {
  const result = await load(minimal(), variables, files)
  return result.ok ? JSON.stringify(result.config) : `refused: ${result.problems.map(({ path }) => path).join()}`
}

describe('every setting has a variable of its own that overrides the file', () => {
  test.for(settings().map((setting) => [setting.variable, setting] as const))('%s', async ([variable, setting]) => {
    const others = companions(setting)
    const held = settings().find(({ path }) => path.join('.') === setting.holds?.join('.'))
    const value = held === undefined ? otherValue(setting) : '/run/secrets/one'
    const files: Record<string, string> = held === undefined ? {} : { '/run/secrets/one': `${otherValue(held)}\n` }

    const effect = await effectOf({ ...others, [variable]: value }, files)
    expect(effect).not.toContain('refused')
    expect(effect).not.toBe(await effectOf(others))
    if (held !== undefined) {
      expect(withoutPaths(effect)).toBe(await effectOf({ ...others, [held.variable]: otherValue(held) }))
    }
  })

  test('no two have the same one', () => {
    const variables = settings().map(({ variable }) => variable)
    expect(new Set(variables).size).toBe(variables.length)
  })

  test.for(Object.values(ADMIN_CLIENT_VARIABLES))('none has %s, by which commands find the admin API', async (name) => {
    expect(settings().map(({ variable }) => variable)).not.toContain(name)
    expect(await load(minimal(), { [name]: 'x' })).toEqual(await load(minimal()))
  })

  test('and every one has a description and says what it expects', () => {
    for (const setting of settings()) {
      expect(setting.description, setting.name).toMatch(/[.)]$/)
      expect(setting.expects, setting.name).not.toBe('')
    }
  })
})

describe('the environment', () => {
  test('is enough without a file', async () => {
    const env = {
      GATEHOUSE_AUTH_URL: 'https://auth.example.com',
      GATEHOUSE_RESOURCES_DIRECTORY: 'resources',
      GATEHOUSE_STORE_TYPE: 'Memory',
      GATEHOUSE_KEYS_FILE: '/keys.json',
    }
    expect(await load(undefined, env)).toMatchObject({
      ok: true,
      config: { resources: { directory: '/etc/gatehouse/resources' }, keys: { file: '/keys.json' } },
    })
  })

  test('gives an object first and then single values in it', async () => {
    const env = {
      GATEHOUSE_LISTENERS_CHECK_PORT: '7000',
      GATEHOUSE_LISTENERS: '{ check: { host: 127.0.0.1, port: 1 } }',
    }
    expect(await load(minimal(), env)).toMatchObject({
      config: { listeners: { check: { host: '127.0.0.1', port: 7000 } } },
    })
  })

  test('replaces either form of a secret', async () => {
    const yaml = minimal({ store: '{ type: Redis, redis: { url: redis://r, passwordFile: /nowhere } }' })
    const result = await load(yaml, { GATEHOUSE_STORE_REDIS_PASSWORD: 's3cret-in-variable' })
    expect(result).toMatchObject({ config: { store: { redis: { password: 's3cret-in-variable' } } } })
  })

  test.for([
    ['GATEHOUSE_LISTENERS_CHECK_PORT', 'http', 'listeners.check.port', '"http"', 'a whole number from 0 to 65535'],
    ['GATEHOUSE_LISTENERS_CHECK_PORT', '', 'listeners.check.port', 'an empty text', 'a whole number from 0 to 65535'],
    ['GATEHOUSE_LISTENERS_CHECK_PORT', '0x50', 'listeners.check.port', '"0x50"', 'a whole number from 0 to 65535'],
    ['GATEHOUSE_DEVELOPMENT', '1', 'development', '"1"', '`true` or `false`'],
    ['GATEHOUSE_HOST_CLAIMS', '[', 'hostClaims', expect.any(String), 'a list as YAML'],
    ['GATEHOUSE_STORE', '{ hunter2: [', 'store', expect.not.stringContaining('hunter2'), 'an object as YAML'],
    ['GATEHOUSE_HOST_CLAIMS', '[{ host: A, namespace: a }]', 'hostClaims.0.host', '"A"', expect.any(String)],
    ['GATEHOUSE_LOG_LEVLE', 'info', '', 'a variable that is no setting', '`GATEHOUSE_LOG_LEVEL`, perhaps'],
    [
      'GATEHOUSE_LISTENER_CHECK_PORT',
      '80',
      '',
      'a variable that is no setting',
      '`GATEHOUSE_LISTENERS_CHECK_PORT`, perhaps',
    ],
    ['GATEHOUSE_', '', '', 'a variable that is no setting', 'a setting, or no prefix `GATEHOUSE_`'],
  ] as const)('has a problem named for the variable: %s=%s', async ([variable, value, path, found, expected]) => {
    expect(await load(minimal(), { [variable]: value })).toEqual({
      ok: false,
      problems: [{ path, source: variable, found, expected }],
    })
  })
})

describe('variables that Kubernetes sets for Services', () => {
  const address = 'tcp://10.96.0.7:8181'
  test.for([
    { GATEHOUSE_SERVICE_HOST: '10.96.0.7', GATEHOUSE_SERVICE_PORT: '8181', GATEHOUSE_SERVICE_PORT_CHECK: '8181' },
    { GATEHOUSE_PORT: address, GATEHOUSE_PORT_8181_TCP: address, GATEHOUSE_PORT_53_UDP: 'udp://10.96.0.7:53' },
    {
      GATEHOUSE_CHECK_PORT_8181_TCP_PROTO: 'tcp',
      GATEHOUSE_CHECK_PORT_8181_TCP_PORT: '8181',
      GATEHOUSE_CHECK_PORT_8181_TCP_ADDR: '10.96.0.7',
    },
    { GATEHOUSE_LISTENERS_CHECK_PORT: address, GATEHOUSE_LISTENERS_CHECK_SERVICE_HOST: '10.96.0.7' },
    { GATEHOUSE_REQUIRE: 'all', GATEHOUSE_PROGRAMS: '/var/cache/programs' },
  ])('are ignored: %j', async (variables) => {
    expect(await load(minimal(), variables)).toEqual(await load(minimal()))
  })

  test('do not shadow settings that look like them', async () => {
    const result = await load(minimal(), { GATEHOUSE_LISTENERS_CHECK_PORT: '8282' })
    expect(result).toMatchObject({ config: { listeners: { check: { port: 8282 } } } })
  })
})

test('paths start from the folder of the configuration file, wherever the process runs', async () => {
  const result = await loadConfig({
    file: 'conf/gatehouse.yaml',
    cwd: '/srv',
    env: { GATEHOUSE_RESOURCES_SECRETS_DIRECTORY: '../secrets' },
    readFile: filesOf({ '/srv/conf/gatehouse.yaml': minimal() }),
  })
  expect(result).toMatchObject({
    config: { resources: { directory: '/srv/conf/resources', secretsDirectory: '/srv/secrets' } },
  })
})
