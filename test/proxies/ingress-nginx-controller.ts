import { z } from 'zod'

/** What of an Ingress the controller reads here. */
export const ingressSchema = z.object({
  kind: z.literal('Ingress'),
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({
    rules: z.array(
      z.object({
        host: z.string(),
        http: z.object({
          paths: z.array(
            z.object({
              path: z.string(),
              pathType: z.literal('Prefix'),
              backend: z.object({ service: z.object({ name: z.string(), port: z.object({ number: z.number() }) }) }),
            }),
          ),
        }),
      }),
    ),
  }),
})
export type Ingress = z.infer<typeof ingressSchema>

interface Surroundings {
  /** What stands after `listen`. */
  readonly listen: string
  /** `address:port` of a Service. */
  readonly backend: (service: string) => string
  /** Turns the address of the auth-url's Service into one that the test has. */
  readonly resolve: (url: string) => string
}

const PREFIX = 'nginx.ingress.kubernetes.io/'

/**
 * The server blocks that the ingress-nginx controller 1.11 to 1.15 generates for these Ingresses, as far as external
 * authentication goes: the directives, their order and their defaults are those of its template. What stands in for
 * something that a plain nginx lacks: `proxy_pass` to an address for the balancer in Lua, and `escapedRequestUri` for
 * `set_escape_uri` of the set-misc module.
 */
export function serverBlocks(ingresses: readonly Ingress[], surroundings: Surroundings): string {
  const byHost = new Map<string, string[]>()
  for (const ingress of ingresses) {
    for (const { host, http } of ingress.spec.rules) {
      const locations = byHost.get(host) ?? []
      byHost.set(host, locations)
      for (const { path, backend } of http.paths) {
        locations.push(locationBlocks(ingress, path, surroundings.backend(backend.service.name), surroundings))
      }
    }
  }
  return [...byHost]
    .map(([host, locations]) => `server {\nserver_name ${host};\n${surroundings.listen}\n${locations.join('\n')}\n}`)
    .join('\n')
}

function locationBlocks(ingress: Ingress, path: string, upstream: string, { resolve }: Surroundings): string {
  const annotation = (name: string) => ingress.metadata.annotations[PREFIX + name]
  const bufferSize = annotation('proxy-buffer-size') ?? '4k'
  const buffers = `proxy_buffering off; proxy_buffer_size ${bufferSize}; proxy_buffers 4 ${bufferSize};`
  const url = annotation('auth-url')
  const id = Buffer.from(path).toString('base64url')
  const signin = `@${Buffer.from(`${id}${annotation('auth-signin')}`).toString('base64url')}`

  const authentication = url === undefined ? '' : authenticated(`/_external-auth-${id}-Prefix`, signin, annotation)
  const proxied = `
  proxy_set_header Host $best_http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Request-ID $request_id;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Host $best_http_host;
  proxy_set_header X-Forwarded-Port 443;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Scheme $scheme;
  proxy_set_header X-Scheme $scheme;
  proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
  proxy_set_header Proxy "";
  proxy_connect_timeout 5s; proxy_send_timeout 60s; proxy_read_timeout 60s;
  ${buffers}
  proxy_http_version 1.1;
  proxy_next_upstream error timeout;
  proxy_pass http://${upstream};
  proxy_redirect off;`
  const places = path === '/' ? ['/'] : [`${path}/`, `= ${path}`]
  return [
    ...places.map((place) => `location ${place} {\n${authentication}\n${proxied}\n}`),
    ...(url === undefined ? [] : [checkLocation(`/_external-auth-${id}-Prefix`, resolve(url), buffers)]),
    ...(annotation('auth-signin') === undefined ? [] : [signinLocation(signin, annotation('auth-signin') ?? '')]),
  ].join('\n')
}

/** In the location of the app. */
function authenticated(checkPath: string, signin: string, annotation: (name: string) => string | undefined): string {
  const names = (annotation('auth-response-headers') ?? '').split(',')
  const copies = names.map((name, index) => {
    const variable = `$authHeader${index}`
    const upstream = `$upstream_http_${name.toLowerCase().replaceAll('-', '_')}`
    return `  auth_request_set ${variable} ${upstream};\n  proxy_set_header '${name}' ${variable};`
  })
  return `  auth_request ${checkPath};
  auth_request_set $auth_cookie $upstream_http_set_cookie;
  add_header Set-Cookie $auth_cookie;
${copies.join('\n')}
  ${annotation('auth-signin') === undefined ? '' : `error_page 401 = ${signin};`}`
}

function checkLocation(checkPath: string, url: string, buffers: string): string {
  return `location = ${checkPath} {
  internal;
  proxy_pass_request_body off;
  proxy_set_header Content-Length "";
  proxy_set_header X-Forwarded-Proto "";
  proxy_set_header X-Request-ID $request_id;
  proxy_set_header Host ${new URL(url.replaceAll('$', '')).hostname};
  proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
  proxy_set_header X-Original-Method $request_method;
  proxy_set_header X-Sent-From "nginx-ingress-controller";
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Auth-Request-Redirect $request_uri;
  ${buffers}
  proxy_request_buffering on;
  proxy_ssl_server_name on;
  proxy_pass_request_headers on;
  client_max_body_size 1m;
  set $target "${url}";
  proxy_pass $target;
}`
}

function signinLocation(name: string, url: string): string {
  return `location ${name} {
  internal;
  add_header Set-Cookie $auth_cookie;
  return 302 ${url};
}`
}

/** What stands in the controller's `http` block. */
export function httpDirectives(largeClientHeaderBuffers: string): string {
  return `
map $http_host $best_http_host { default $http_host; '' $host; }
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
underscores_in_headers off;
ignore_invalid_headers on;
large_client_header_buffers ${largeClientHeaderBuffers};
${escapedRequestUri()}`
}

/** Whatever is not unreserved (RFC 3986 section 2.3); of the bytes beyond ASCII the one that tests send. */
const ESCAPED = [...'!"#$%&\'()*+,/:;<=>?@[\\]^`{|}\xe4'].map((character) =>
  character.charCodeAt(0).toString(16).padStart(2, '0'),
)
/** How many characters of one request target can be escaped. */
const MOST_ESCAPES = 64

/**
 * `$escaped_request_uri` out of `map` alone: each map escapes one character more, a blank divides what is done from what
 * is left, and the last map takes it out.
 */
function escapedRequestUri(): string {
  const others = ESCAPED.map((code) => `\\x${code}`).join('')
  const steps = Array.from({ length: MOST_ESCAPES }, (_, step) => {
    const lines = ESCAPED.map(
      (code) =>
        `  "~^(?<done>[^ ]*) (?<plain>[^${others}]*)\\x${code}(?<rest>.*)$" "$done$plain%${code.toUpperCase()} $rest";`,
    )
    return `map $escaping_${step} $escaping_${step + 1} {\n  default $escaping_${step};\n${lines.join('\n')}\n}`
  })
  return `map $request_uri $escaping_0 { default " $request_uri"; }
${steps.join('\n')}
map $escaping_${MOST_ESCAPES} $escaped_request_uri { "~^(?<done>[^ ]*) (?<rest>.*)$" "$done$rest"; }`
}
