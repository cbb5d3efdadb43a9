import type { Dialect } from './dialect.ts'

/**
 * nginx `auth_request` with the location block of our guide, which overwrites these headers from nginx's own variables.
 * nginx knows 2xx, 401 and 403; anything else becomes 500.
 */
export const nginx: Dialect = {
  name: 'nginx',
  headers: { method: 'X-Original-Method', host: 'X-Original-Host', target: 'X-Original-URI' },
  clientAddress: { header: 'X-Real-IP', trustedHops: 0 },
  relaysRedirects: false,
  relaysBodies: false,
  maxAnswerBytes: 15 * 1024,
}
