import { z } from 'zod'
import { duration } from './duration.ts'
import { readRedisUrl } from './redis-url.ts'
import { soundParts } from './sound-parts.ts'
import { choice, fileText, isHostName, isPlaceholder, secret, text } from './value-kinds.ts'

const isPem = (value: string) => value.includes('-----BEGIN ')

const tls = z
  .strictObject({
    ca: fileText('certificates in PEM form', isPem)
      .optional()
      .describe('Certificates that the server’s must be signed by, in place of the system’s own.'),
    cert: fileText('a certificate in PEM form', isPem)
      .optional()
      .describe('Certificate of this client, for a server that asks for one.'),
    key: secret('a private key in PEM form', isPem).optional().describe('Private key of `cert`.'),
    serverName: text('a host name in lower case', isHostName)
      .optional()
      .describe('Name that the server’s certificate must hold, if it is not the host of the URL.'),
  })
  .superRefine(
    ({ cert, key }, context) => {
      if ((cert === undefined) === (key === undefined)) return
      const [missing, given] = cert === undefined ? ['cert', 'key'] : ['key', 'cert']
      context.addIssue({ code: 'custom', path: [missing], message: `a value, because \`${given}\` is given` })
    },
    soundParts('cert', 'key'),
  )
  .describe('TLS towards the server, for a `rediss://` URL. Certificates are always verified.')

const URL_EXPECTED = 'a `redis://` or `rediss://` URL, with no placeholder as its password'

const redisUrl = secret(URL_EXPECTED)
  .transform((value, context) => {
    const url = readRedisUrl(value)
    if (url !== undefined && !isPlaceholder(url.password ?? '')) return url
    context.addIssue({ code: 'custom', message: URL_EXPECTED })
    return z.NEVER
  })
  .describe('Where the server is: `redis://host:port/database`, or `rediss://` for TLS.')

const redis = z
  .strictObject({
    url: redisUrl,
    username: text('a user name').optional().describe('User of the server’s access lists.'),
    password: secret('a password').optional().describe('Password, if it does not stand in the URL.'),
    keyPrefix: text('at most 64 printable characters without blanks', (value) => /^[\x21-\x7e]{1,64}$/.test(value))
      .default('gatehouse:')
      .describe('What every key begins with.'),
    commandTimeout: duration({ unit: 'ms', min: '10ms', max: '10s' })
      .prefault('100ms')
      .describe('After how long a call without an answer counts as failed.'),
    connectTimeout: duration({ unit: 'ms', min: '100ms', max: '30s' })
      .prefault('2s')
      .describe('After how long an attempt to connect counts as failed.'),
    tls: tls.optional(),
  })
  .superRefine((settings, context) => {
    if (settings.tls !== undefined && !settings.url.isTls) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'nothing, because the URL is no `rediss://` one' })
    }
    for (const name of ['username', 'password'] as const) {
      const isDouble = settings[name] !== undefined && settings.url[name] !== undefined
      const message = `nothing, because the URL holds a ${name}`
      if (isDouble) context.addIssue({ code: 'custom', path: [name], message })
    }
  }, soundParts('url'))
  .transform(({ url, tls, commandTimeout, connectTimeout, ...rest }) => {
    const { isTls, username, password, ...address } = url
    const { serverName, ...certificates } = tls ?? {}
    return {
      ...address,
      username: rest.username ?? username,
      password: rest.password ?? password,
      keyPrefix: rest.keyPrefix,
      commandTimeoutMs: commandTimeout,
      connectTimeoutMs: connectTimeout,
      tls: isTls ? { ...certificates, servername: serverName } : undefined,
    }
  })
  .describe('The Redis server, for `type: Redis`.')

/** Where sessions and one-time codes are kept. */
export const store = z
  .strictObject({
    type: choice(['Memory', 'Redis']).describe(
      '`Redis`, or `Memory` for a single replica that may forget everybody at a restart.',
    ),
    redis: redis.optional(),
  })
  .superRefine(({ type, redis }, context) => {
    if ((type === 'Redis') === (redis !== undefined)) return
    const message =
      redis === undefined ? 'an object, because `store.type` is `Redis`' : 'nothing: `store.type` is `Memory`'
    context.addIssue({ code: 'custom', path: ['redis'], message })
  }, soundParts('type'))
  .transform(({ redis }) => (redis === undefined ? { type: 'Memory' as const } : { type: 'Redis' as const, redis }))
  .describe('Where sessions and one-time codes are kept.')
