import { z } from 'zod'
import { redis } from './redis.ts'
import { soundParts } from './sound-parts.ts'
import { choice } from './value-kinds.ts'

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
