import { z } from 'zod'
import { bindAddress, headerName, integer } from './value-kinds.ts'

function clientAddress(header: string) {
  return z
    .strictObject({
      header: headerName().default(header).describe('Header that names the addresses a request came through.'),
      trustedHops: integer(0, 16)
        .default(0)
        .describe(
          'How many addresses, counted from the right of that header, are proxies of your own; the one to the left of them is the client.',
        ),
    })
    .prefault({})
    .describe('Where the address of the client stands.')
}

function listener(port: number, what: string) {
  return {
    host: bindAddress().default('0.0.0.0').describe(`Address that the ${what} listener binds.`),
    port: integer(0, 65_535).default(port).describe(`Port of the ${what} listener; \`0\` takes any free one.`),
  }
}

/** Where each listener binds. */
export const listeners = z
  .strictObject({
    check: z
      .strictObject(listener(8181, 'check'))
      .prefault({})
      .describe('Answers the checks of the proxies. Only the ingress controller may reach it.'),
    portal: z
      .strictObject({ ...listener(8080, 'portal'), clientAddress: clientAddress('X-Forwarded-For') })
      .prefault({})
      .describe('Serves the auth host, and `/.gatehouse/` on the host of each app, to browsers through the ingress.'),
    ops: z
      .strictObject(listener(9090, 'ops'))
      .prefault({})
      .describe('Serves `/livez`, `/readyz` and `/metrics`. Only the kubelet and Prometheus may reach it.'),
  })
  .superRefine(({ check, portal, ops }, context) => {
    const seen = new Map<number, string>()
    for (const [name, { port }] of Object.entries({ check, portal, ops })) {
      const other = seen.get(port)
      if (other !== undefined && port !== 0) {
        const message = `a port of its own: \`listeners.${other}.port\` is the same`
        context.addIssue({ code: 'custom', path: [name, 'port'], message })
      }
      seen.set(port, name)
    }
  })
  .prefault({})
  .describe('The listeners. Every one has a port of its own.')

/** What each dialect must know of the proxies in front. */
export const dialects = z
  .strictObject({
    nginx: z
      .strictObject({ clientAddress: clientAddress('X-Real-IP') })
      .prefault({})
      .describe('nginx with `auth_request`.'),
    ingressNginx: z
      .strictObject({ clientAddress: clientAddress('X-Real-IP') })
      .prefault({})
      .describe('The Kubernetes ingress-nginx controller.'),
    forward: z
      .strictObject({ clientAddress: clientAddress('X-Forwarded-For') })
      .prefault({})
      .describe('Traefik’s ForwardAuth and Caddy’s `forward_auth`.'),
  })
  .prefault({})
  .describe('What each dialect must know of the proxies in front.')
