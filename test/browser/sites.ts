import { join } from 'node:path'
import { APPLICATIONS, AUTH_HOST, NAMESPACE } from './manifests.ts'

/** Where the proxy in front finds everything. */
export interface Upstreams {
  readonly check: number
  readonly portal: number
  readonly origin: number
}

const IDENTITY_HEADERS = [
  'Gatehouse-Jwt-Assertion',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
  'Cookie',
]

/** The sites of Caddy: the auth host and every app. */
export function caddySites(port: number, { check, portal, origin }: Upstreams): string {
  const apps = Object.keys(APPLICATIONS).map(
    (host) => `https://${host}:${port} {
  handle /.gatehouse/* {
    reverse_proxy 127.0.0.1:${portal}
  }
  handle {
    forward_auth 127.0.0.1:${check} {
      uri /forward/host
      copy_headers ${IDENTITY_HEADERS.join(' ')}
    }
    reverse_proxy 127.0.0.1:${origin}
  }
}`,
  )
  return [`https://${AUTH_HOST}:${port} {\n  reverse_proxy 127.0.0.1:${portal}\n}`, ...apps].join('\n')
}

/** A site of Caddy that does nothing but end TLS. */
export function caddyTls(origin: string, port: number): string {
  return `${origin} {\n  reverse_proxy 127.0.0.1:${port}\n}`
}

/** The certificate of Caddy's own authority. */
export function authorityFile(caddyDirectory: string): string {
  return join(caddyDirectory, 'data', 'caddy', 'pki', 'authorities', 'local', 'root.crt')
}

/** What stands in nginx's `http` block: the same sites, each application bound by its name. */
export function nginxSites(port: number, certificate: string, upstreams: Upstreams): string {
  const servers = Object.entries(APPLICATIONS).map(
    ([host, names]) => `server {
  listen 127.0.0.1:${port} ssl;
  server_name ${host};
${Object.entries(names)
  .map(([path, name]) => nginxApplication(path, name, upstreams))
  .join('')}
  location /.gatehouse/ {
    ${toPortal(upstreams)}
  }
}`,
  )
  return `
ssl_certificate ${certificate}.crt;
ssl_certificate_key ${certificate}.key;
large_client_header_buffers 8 16k;
proxy_http_version 1.1;
proxy_set_header Connection "";
server {
  listen 127.0.0.1:${port} ssl default_server;
  server_name ${AUTH_HOST};
  location / {
    ${toPortal(upstreams)}
  }
}
${servers.join('\n')}`
}

function toPortal({ portal }: Upstreams): string {
  return `proxy_pass http://127.0.0.1:${portal};
    proxy_set_header Host $host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_buffer_size 16k;
    proxy_buffers 4 16k;`
}

function nginxApplication(path: string, name: string, { check, origin }: Upstreams): string {
  const names = IDENTITY_HEADERS.map((header) => [header, header.toLowerCase().replaceAll('-', '_')] as const)
  const sets = names.map(([, variable]) => `    auth_request_set $gatehouse_${variable} $upstream_http_${variable};`)
  const headers = names.map(([header, variable]) => `    proxy_set_header ${header} $gatehouse_${variable};`)
  return `
  location = /_gatehouse_check_${name} {
    internal;
    proxy_pass http://127.0.0.1:${check}/nginx/app/${NAMESPACE}/${name};
    proxy_pass_request_body off;
    proxy_set_header Connection "";
    proxy_set_header Content-Length "";
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Original-Host $host;
    proxy_set_header X-Original-URI $request_uri;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_buffer_size 16k;
    proxy_buffers 4 16k;
  }
  location @login_${name} {
    return 302 $gatehouse_login;
  }
  location ${path} {
    auth_request /_gatehouse_check_${name};
    auth_request_set $gatehouse_login $upstream_http_location;
    error_page 401 = @challenge_${name};
${sets.join('\n')}
${headers.join('\n')}
    proxy_set_header Connection "";
    proxy_pass http://127.0.0.1:${origin};
  }
  location @challenge_${name} {
    if ($gatehouse_login) { return 302 $gatehouse_login; }
    return 401;
  }
`
}
