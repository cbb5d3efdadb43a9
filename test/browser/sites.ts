import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testCertificate } from '../parts/certificate.ts'
import { documented } from '../proxies/configuration.ts'
import { APPLICATIONS, AUTH_HOST, NAMESPACE } from './manifests.ts'

/** `address:port` of what stands behind the proxy. */
export interface Upstreams {
  readonly check: string
  readonly portal: string
  readonly app: string
}

const { certFile, keyFile } = testCertificate

/** The sites of Caddy, put together from the documented snippets. */
export function caddySites(port: number, { check, portal, app }: Upstreams): string {
  const snippets = documented('caddy/Caddyfile', {}).split('# The auth host.', 1)[0]
  const sites = Object.entries(APPLICATIONS).map(
    ([host, byPath]) => `https://${host}:${port} {
  tls ${certFile} ${keyFile}
  handle /.gatehouse/* {
    reverse_proxy ${portal}
  }
  handle {
    route {
      import gatehouse-before
      forward_auth ${check} {
        uri /forward/${Object.keys(byPath).length > 1 ? 'host' : `app/${NAMESPACE}/${byPath['/']}`}
        import gatehouse-copy
      }
      import gatehouse-after
      reverse_proxy ${app}
    }
  }
}`,
  )
  const authHost = `https://${AUTH_HOST}:${port} {
  tls ${certFile} ${keyFile}
  reverse_proxy ${portal}
}`
  return [snippets, authHost, ...sites].join('\n')
}

/**
 * What stands in nginx's `http` block. The documented files go into the directory, for its servers to include.
 *
 * @param directory that of `nginx.conf`
 */
export async function nginxSites(port: number, directory: string, { check, portal, app }: Upstreams): Promise<string> {
  const files: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'gatehouse-http.conf': { '127.0.0.1:8181': check, '127.0.0.1:8080': portal },
    'gatehouse.conf': {},
    'gatehouse-portal.conf': {},
    'gatehouse-headers.conf': {},
  }
  for (const [file, addresses] of Object.entries(files)) {
    await writeFile(join(directory, file), documented(`nginx/${file}`, addresses))
  }
  const server = (host: string, content: string) => `server {
  listen 127.0.0.1:${port} ssl;
  server_name ${host};
  ssl_certificate ${certFile};
  ssl_certificate_key ${keyFile};
${content}
}`
  const authHost = server(
    AUTH_HOST,
    '  location / { proxy_pass http://gatehouse_portal; include gatehouse-portal.conf; }',
  )
  const apps = Object.entries(APPLICATIONS).map(([host, byPath]) => {
    const locations = Object.entries(byPath).map(
      ([path, name]) =>
        `  location ${path} { set $gatehouse_protects app/${NAMESPACE}/${name}; proxy_pass http://${app}; }`,
    )
    return server(host, `  include gatehouse.conf;\n${locations.join('\n')}`)
  })
  return ['include gatehouse-http.conf;', authHost, ...apps].join('\n')
}
