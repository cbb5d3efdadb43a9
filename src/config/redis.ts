import { z } from 'zod'
import { duration } from './duration.ts'
import { addressList } from './redis-address.ts'
import { redisTls } from './redis-tls.ts'
import { readRedisUrl } from './redis-url.ts'
import { soundParts } from './sound-parts.ts'
import { followedFile, followedSecret, integer, isPlaceholder, text } from './value-kinds.ts'

const URL_EXPECTED = 'a `redis://` or `rediss://` URL, with no placeholder as its password'

const redisUrl = followedSecret(URL_EXPECTED)
  .transform((value, context) => {
    const url = readRedisUrl(value)
    if (url !== undefined && !isPlaceholder(url.password ?? '')) return url
    context.addIssue({ code: 'custom', message: URL_EXPECTED })
    return z.NEVER
  })
  .describe(
    'Where the server is, if it is one: `redis://host:port/database`, or `rediss://` for TLS. One of `url`, `sentinel` and `cluster` has to be given.',
  )

const FOLLOWED = 'Another one in it is used from then on, without a restart.'

const passwordFile = (whose: string) =>
  followedFile('password').optional().describe(`File whose content is the password ${whose}. ${FOLLOWED}`)

const sentinel = z
  .strictObject({
    masterName: text('a name without blanks', (value) => /^[\x21-\x7e]{1,200}$/.test(value)).describe(
      'What the Sentinels call the master.',
    ),
    addresses: addressList('a list of `host:port`, each Sentinel once').describe(
      'All Sentinels. More than half of these have to name a server before what it says of revocations counts.',
    ),
    database: integer(0, 9999).default(0).describe('Number of the database.'),
    username: text('a user name').optional().describe('User of the Sentinels’ access lists.'),
    password: followedSecret('a password').optional().describe('Password at the Sentinels.'),
    passwordFile: passwordFile('at the Sentinels'),
    tls: redisTls('TLS towards the Sentinels, if there is such an object.').optional(),
  })
  .transform(({ passwordFile: path, ...rest }) => ({ ...rest, passwordFile: followed(path, 'Password') }))
  .describe('Where the servers are, if Sentinels watch over them.')

const cluster = z
  .strictObject({
    addresses: addressList('a list of `host:port`, each node once').describe(
      'Some nodes of the Cluster; they name the others.',
    ),
  })
  .describe('Where the servers are, if they are a Redis Cluster.')

/** How Redis is reached, for `store.type: Redis`. */
export const redis = z
  .strictObject({
    url: redisUrl.optional(),
    urlFile: followedFile('url')
      .optional()
      .describe(`File whose content is the value of \`store.redis.url\`. Another password in it is used from then on.`),
    sentinel: sentinel.optional(),
    cluster: cluster.optional(),
    username: text('a user name').optional().describe('User of the access lists of the servers that keep data.'),
    password: followedSecret('a password').optional().describe('Its password, if that does not stand in the URL.'),
    passwordFile: passwordFile('at the servers that keep data'),
    keyPrefix: text('at most 64 printable characters, without blanks and braces', (value) =>
      // Braces would name a slot of a Cluster for all keys.
      /^[\x21-\x7a|~]{1,64}$/.test(value),
    )
      .default('gatehouse:')
      .describe('What every key begins with.'),
    commandTimeout: duration({ unit: 'ms', min: '10ms', max: '10s' })
      .prefault('100ms')
      .describe('After how long a call without an answer counts as failed.'),
    connectTimeout: duration({ unit: 'ms', min: '100ms', max: '30s' })
      .prefault('2s')
      .describe('After how long an attempt to connect counts as failed.'),
    replicasToAcknowledge: integer(0, 100)
      .optional()
      .describe(
        'How many replicas of the server have to hold a revocation before it is called accepted. Without it: one, where there are replicas.',
      ),
    tls: redisTls(
      'TLS towards the servers that keep data: for a `rediss://` URL, or with `sentinel` or `cluster` if there is such an object.',
    ).optional(),
  })
  .superRefine(
    ({ url, sentinel, cluster }, context) => {
      const given = Object.entries({ url, sentinel, cluster }).flatMap(([name, value]) => (value ? [name] : []))
      if (given.length === 0) {
        const message = `${URL_EXPECTED}; or \`sentinel\` or \`cluster\``
        context.addIssue({ code: 'custom', path: ['url'], message })
      }
      for (const name of given.slice(1)) {
        context.addIssue({ code: 'custom', path: [name], message: `nothing, because \`${given[0]}\` is given` })
      }
    },
    soundParts('url', 'sentinel', 'cluster'),
  )
  .superRefine(({ url, tls, ...settings }, context) => {
    if (url === undefined) return
    if (tls !== undefined && !url.isTls) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'nothing, because the URL is no `rediss://` one' })
    }
    for (const name of ['username', 'password'] as const) {
      const isDouble = settings[name] !== undefined && url[name] !== undefined
      const message = `nothing, because the URL holds a ${name}`
      if (isDouble) context.addIssue({ code: 'custom', path: [name], message })
    }
  }, soundParts('url'))
  .transform(({ url, urlFile, sentinel, cluster, commandTimeout, connectTimeout, ...rest }) => {
    const common = {
      ...rest,
      passwordFile: followed(rest.passwordFile, 'Password'),
      commandTimeoutMs: commandTimeout,
      connectTimeoutMs: connectTimeout,
    }
    if (sentinel !== undefined) {
      const { database, ...set } = sentinel
      return { ...common, sentinel: set, database }
    }
    if (url === undefined) return { ...common, cluster: { addresses: cluster?.addresses ?? [] } }
    const { isTls, username, password, ...address } = url
    return {
      ...common,
      ...address,
      username: rest.username ?? username,
      password: rest.password ?? password,
      passwordFile: common.passwordFile ?? (password === undefined ? undefined : followed(urlFile, 'Url')),
      tls: isTls ? (rest.tls ?? {}) : undefined,
    }
  })
  .describe('How Redis is reached, for `type: Redis`.')

function followed<Holds extends 'Password' | 'Url'>(path: string | undefined, holds: Holds) {
  return path === undefined ? undefined : { path, holds }
}
