import { z } from 'zod'
import { admin } from './admin.ts'
import { audit } from './audit.ts'
import { auth, isLocalHost } from './auth.ts'
import { controller } from './controller.ts'
import { duration } from './duration.ts'
import { keys } from './keys.ts'
import { dialects, listeners } from './listeners.ts'
import { resources } from './resources.ts'
import { revocation } from './revocation.ts'
import { sessions } from './sessions.ts'
import { soundParts } from './sound-parts.ts'
import { store } from './store.ts'
import { choice, flag, hostPattern, namespaceName } from './value-kinds.ts'

const tokens = z
  .strictObject({
    algorithm: choice(['ES256', 'RS256', 'EdDSA'])
      .default('ES256')
      .describe('Signature of new keys. Keys that exist already keep theirs.'),
    appTokenLifetime: duration({ unit: 's', min: '1m', max: '30d' })
      .prefault('24h')
      .describe('Longest life of an app token. It never outlives its session.'),
    assertionLifetime: duration({ unit: 's', min: '10s', max: '5m' })
      .prefault('5m')
      .describe('Life of the assertion that origins verify.'),
  })
  .transform(({ algorithm, appTokenLifetime, assertionLifetime }) => ({
    algorithm,
    appTokenLifetimeSeconds: appTokenLifetime,
    assertionLifetimeSeconds: assertionLifetime,
  }))
  .prefault({})
  .describe('The tokens that Gatehouse signs.')

const log = z
  .strictObject({
    level: choice(['debug', 'info', 'warn', 'error']).default('info').describe('Least important line that is written.'),
    allowSampling: z
      .number()
      .min(0)
      .max(1)
      .meta({ expects: 'a number from 0 to 1' })
      .default(1)
      .describe('Share of the allowed checks that get a line. Every other decision always gets one.'),
  })
  .prefault({})
  .describe('The log: JSON lines on the standard output.')

const shutdown = z
  .strictObject({
    notReadyDelay: duration({ unit: 'ms', min: '0s', max: '2m' })
      .prefault('5s')
      .describe('How long requests are still served after `/readyz` has begun to say no.'),
    timeout: duration({ unit: 'ms', min: '1s', max: '10m' })
      .prefault('25s')
      .describe('How long the whole shutdown may take before connections are cut. More than `notReadyDelay`.'),
  })
  .superRefine(
    ({ notReadyDelay, timeout }, context) => {
      if (timeout > notReadyDelay) return
      context.addIssue({ code: 'custom', path: ['timeout'], message: 'more than `shutdown.notReadyDelay`' })
    },
    soundParts('notReadyDelay', 'timeout'),
  )
  .transform(({ notReadyDelay, timeout }) => ({ notReadyDelayMs: notReadyDelay, timeoutMs: timeout }))
  .prefault({})
  .describe('What happens after SIGTERM. Keep the pod’s `terminationGracePeriodSeconds` above `timeout`.')

const hostClaims = z
  .array(
    z.strictObject({
      host: hostPattern().describe('The host.'),
      namespace: namespaceName().describe('The namespace it belongs to.'),
    }),
  )
  .max(10_000)
  .superRefine((claims, context) => {
    const seen = new Set<string>()
    for (const [index, { host }] of claims.entries()) {
      const message = 'a host that no earlier entry names'
      if (seen.has(host)) context.addIssue({ code: 'custom', path: [index, 'host'], message })
      seen.add(host)
    }
  })
  .default([])
  .meta({ expects: 'a list of objects `{ host, namespace }`, each host once' })
  .describe('Which namespace a host (or `*.` and a host) belongs to: applications of others may not claim it.')

/** The whole configuration, after secrets have been read from their files. */
export const configSchema = z
  .strictObject({
    auth,
    development: flag()
      .default(false)
      .describe(
        'Development mode: `http://localhost` and `http://*.localhost` are allowed, and only those; cookies lose their `__Host-` prefix.',
      ),
    namespace: namespaceName()
      .default('gatehouse')
      .describe('The system namespace: objects there may be referred to from all namespaces.'),
    listeners,
    dialects,
    resources,
    store,
    keys,
    tokens,
    sessions,
    revocation,
    log,
    audit,
    shutdown,
    hostClaims,
    controller,
    admin,
  })
  .superRefine(
    ({ auth, development }, context) => {
      const path = ['auth', 'url']
      const { hostname, protocol } = new URL(auth.url)
      if (development && !isLocalHost(hostname)) {
        const message = '`localhost` or a name below it, because `development` is on'
        context.addIssue({ code: 'custom', path, message })
      }
      if (!development && protocol !== 'https:') {
        const message = 'an `https://` URL; `http://` is for `development: true` alone'
        context.addIssue({ code: 'custom', path, message })
      }
    },
    soundParts('auth', 'development'),
  )
  .superRefine(
    ({ keys, resources }, context) => {
      if (keys.type !== 'KubernetesSecret' || resources.type === 'Kubernetes') return
      const message = 'nothing: the Secret is read where `resources.kubernetes` are'
      context.addIssue({ code: 'custom', path: ['keys', 'kubernetesSecret'], message })
    },
    soundParts('keys', 'resources'),
  )
  .superRefine(
    ({ admin, listeners }, context) => {
      const other = Object.entries(listeners).find(([, { port }]) => port !== 0 && port === admin?.port)?.[0]
      if (other === undefined) return
      const message = `a port of its own: \`listeners.${other}.port\` is the same`
      context.addIssue({ code: 'custom', path: ['admin', 'port'], message })
    },
    soundParts('admin', 'listeners'),
  )

/** The parsed configuration: every value present, durations as numbers, paths absolute. */
export type Config = DeepReadonly<z.output<typeof configSchema>>

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T
