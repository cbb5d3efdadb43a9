import { startNginx } from '../../test/parts/nginx.ts'
import { type Machine, pinRunning } from '../machine.ts'
import { NAMESPACE } from '../request.ts'
import { FULL } from './resources.ts'

/** A real nginx in front of an app, once with the check and once without. */
export interface NginxServer extends AsyncDisposable {
  readonly ports: { readonly plain: number; readonly guarded: number }
}

/** Starts nginx, one process on the core of what is measured. The check's location is the one of the guide for nginx. */
export async function startGuard(machine: Machine, app: number, gatehouse: number): Promise<NginxServer> {
  const nginx = await startNginx({
    listeners: ['plain', 'guarded'],
    http: ({ plain, guarded }) => `
  keepalive_requests 1000000;
  upstream app { server 127.0.0.1:${app}; keepalive 64; keepalive_requests 1000000; }
  upstream gatehouse { server 127.0.0.1:${gatehouse}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${plain};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }
  }
  server {
    listen 127.0.0.1:${guarded};
    location / {
      auth_request /_gatehouse;
      auth_request_set $assertion $upstream_http_gatehouse_jwt_assertion;
      auth_request_set $user $upstream_http_x_auth_request_user;
      auth_request_set $email $upstream_http_x_auth_request_email;
      auth_request_set $groups $upstream_http_x_auth_request_groups;
      auth_request_set $preferred $upstream_http_x_auth_request_preferred_username;
      auth_request_set $cookies $upstream_http_cookie;
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header Gatehouse-Jwt-Assertion $assertion;
      proxy_set_header X-Auth-Request-User $user;
      proxy_set_header X-Auth-Request-Email $email;
      proxy_set_header X-Auth-Request-Groups $groups;
      proxy_set_header X-Auth-Request-Preferred-Username $preferred;
      proxy_set_header Cookie $cookies;
    }
    location = /_gatehouse {
      internal;
      proxy_pass http://gatehouse/nginx/app/${NAMESPACE}/${FULL};
      proxy_http_version 1.1;
      proxy_pass_request_body off;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-Host $host;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_buffer_size 16k;
      proxy_buffers 4 16k;
      proxy_connect_timeout 2s;
      proxy_read_timeout 5s;
    }
  }`,
  })
  await pinRunning(machine.serverCore, nginx.pid)
  return nginx
}
