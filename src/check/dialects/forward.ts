import type { Dialect } from './dialect.ts'

/** Traefik ForwardAuth, and Caddy's `forward_auth`, which copies it. Both overwrite these headers and relay refusals. */
export const forward = {
  name: 'forward',
  headers: { method: 'X-Forwarded-Method', host: 'X-Forwarded-Host', target: 'X-Forwarded-Uri' },
  relaysRedirects: true,
  relaysBodies: true,
  maxAnswerBytes: 60 * 1024,
} as const satisfies Dialect
