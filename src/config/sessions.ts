import { z } from 'zod'
import { duration } from './duration.ts'
import { soundParts } from './sound-parts.ts'
import { flag, integer } from './value-kinds.ts'

const refresh = z
  .strictObject({
    enabled: flag()
      .default(true)
      .describe(
        'Whether refresh tokens that providers give are kept, sealed, and used. Without, an identity stays as it was at the login.',
      ),
    interval: duration({ unit: 'ms', min: '1m', max: '7d' })
      .prefault('1h')
      .describe(
        'Longest time between two refreshes. The provider is asked earlier if its access token ends earlier, and by the next use of the session if that comes later.',
      ),
    bound: duration({ unit: 'ms', min: '2m', max: '30d' })
      .prefault('2h')
      .describe(
        'How long an identity counts since the provider last vouched for it, if the provider cannot be asked. Then checks answer 503 until it can; nobody is signed out. More than `interval`.',
      ),
  })
  .superRefine(
    ({ interval, bound }, context) => {
      if (bound > interval) return
      context.addIssue({ code: 'custom', path: ['bound'], message: 'more than `sessions.refresh.interval`' })
    },
    soundParts('interval', 'bound'),
  )
  .transform(({ enabled, interval, bound }) => ({ isEnabled: enabled, intervalMs: interval, boundMs: bound }))
  .prefault({})
  .describe(
    'Whether and when providers are asked again, in the background, whether a person is still theirs, and with which groups and claims.',
  )

/** Sign-ins on the auth host. */
export const sessions = z
  .strictObject({
    duration: duration({ unit: 's', min: '1m', max: '30d' })
      .prefault('24h')
      .describe('After how long a person has to sign in again.'),
    idleTimeout: duration({ unit: 's', min: '5m', max: '30d' })
      .optional()
      .describe(
        'After how long without any use a session ends; default: it does not. Use is noted once a minute, so a session may last up to a minute longer.',
      ),
    maxPerUser: integer(1, 1000)
      .optional()
      .describe(
        'Most sessions that a person may have at once, by provider; a new one ends the oldest. Default: as many as they like. Sign-ins at the very same moment may exceed it.',
      ),
    refresh,
  })
  .transform(({ duration: durationSeconds, idleTimeout, maxPerUser, refresh }) => ({
    durationSeconds,
    idleTimeoutSeconds: idleTimeout,
    maxPerUser,
    refresh,
  }))
  .prefault({})
  .describe('Sign-ins on the auth host.')
