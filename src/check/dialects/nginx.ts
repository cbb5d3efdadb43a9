import type { Dialect } from './dialect.ts'

/**
 * nginx `auth_request` with the location block of our guide, which overwrites these headers from nginx's own variables.
 * nginx knows 2xx, 401 and 403; anything else becomes 500.
 */
export const nginx = {
  name: 'nginx',
  headers: { method: 'X-Original-Method', host: 'X-Original-Host', target: 'X-Original-URI' },
  relaysRedirects: false,
  relaysBodies: false,
  maxAnswerBytes: 15 * 1024,
} as const satisfies Dialect
