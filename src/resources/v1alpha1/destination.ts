import { z } from 'zod'
import { celMatches, celRules } from '../../policy/cel-rule.ts'
import { HOST_PATTERN, isHostPattern } from '../../policy/host.ts'
import { AMBIGUOUS, isPathPrefix } from '../../policy/path.ts'
import { destinationKey } from '../../policy/policy-set.ts'

const EXPECTED_HOST = 'expected a host in lower case without port, or *. and a host, such as grafana.example.com'
const EXPECTED_PATH =
  'expected a path such as /admin: no query, no *, no slash at the end, nothing two servers read differently'
const EXPECTED_ONCE = 'expected each destination once; letter case and a slash at the end make no other one'

/** Printable ASCII without `#`, `*` and `?`. */
const PLAIN = /^\/[!"$-)+->@-~]*$/

const host = z
  .string()
  .max(255)
  .refine(isHostPattern, { error: EXPECTED_HOST })
  .meta(
    celRules({
      rule: `${celMatches(HOST_PATTERN)} && (size(self) <= 253 || self.startsWith('*.'))`,
      message: EXPECTED_HOST,
    }),
  )
  .describe('Host, in lower case and without port. `*.example.com` covers one label: `a.example.com` alone.')

const path = z
  .string()
  .max(1024)
  .refine(isDestinationPath, { error: EXPECTED_PATH })
  .meta(
    celRules({
      rule: `${celMatches(PLAIN)} && !${celMatches(AMBIGUOUS)} && (self == '/' || !self.endsWith('/'))`,
      message: EXPECTED_PATH,
    }),
  )
  .default('/')
  .describe('Path prefix, by whole segments: `/admin` covers `/admin` and `/admin/users`, not `/administrator`.')

/** `spec.destinations` of an application. */
export const destinations = z
  .array(z.strictObject({ host, path }).describe('A host and a path prefix.'))
  .min(1)
  .max(64)
  .refine((all) => new Set(all.map((one) => `${one.host}${destinationKey(one.path)}`)).size === all.length, {
    error: EXPECTED_ONCE,
  })
  .meta({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['host', 'path'],
    // CEL cannot fold escapes, nor dots and spaces at the end of a segment, at a cost that the API server allows.
    ...celRules({
      rule: 'self.all(a, self.exists_one(b, a.host == b.host && a.path.lowerAscii() == b.path.lowerAscii()))',
      message: EXPECTED_ONCE,
    }),
  })
  .describe('What is protected. The most specific destination decides, and nothing is inherited.')

/** Whether the text may stand as a destination's path. */
export function isDestinationPath(text: string): boolean {
  return isPathPrefix(text) && !text.includes('*') && (text === '/' || !text.endsWith('/'))
}
