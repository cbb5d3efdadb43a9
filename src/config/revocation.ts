import { z } from 'zod'
import { duration } from './duration.ts'
import { choice } from './value-kinds.ts'

/** How fast the end of a session takes effect, and what counts while nobody can tell. */
export const revocation = z
  .strictObject({
    // In calm times a replica proves its view once a second, so that it is up to two seconds old.
    maxStaleness: duration({ unit: 'ms', min: '3s', max: '10m' })
      .prefault('30s')
      .describe('For how long sessions that a replica knows stay good while the store gives no answer.'),
    onStale: choice(['Deny', 'Allow'])
      .default('Deny')
      .describe(
        'What becomes of them after that: `Deny` answers 503 until the store is heard again, `Allow` lets them in, although they may have been revoked; each time is logged and counted.',
      ),
  })
  .transform(({ maxStaleness, onStale }) => ({ maxStalenessMs: maxStaleness, onStale }))
  .prefault({})
  .describe('How fast the end of a session takes effect.')
