import { access, chmod, copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programFile } from './programs.ts'

const STAND_INS = join(import.meta.dirname, 'fixtures', 'ingress-nginx-lua')
/** What the C library and nginx read of this machine's /etc. */
const OF_THE_MACHINE = ['passwd', 'group', 'nsswitch.conf', 'hosts', 'ld.so.cache']
/** In the controller's image they are part of nginx; the second and third need the first. */
const MODULES = [
  'ndk_http_module',
  'ngx_http_lua_module',
  'ngx_http_set_misc_module',
  'ngx_http_headers_more_filter_module',
].map((name) => `load_module /usr/lib/nginx/modules/${name}.so;`)

/**
 * Makes what is to be /etc for the controller: the files of its image, changed only as far as Debian's nginx differs from
 * the image's. Nothing in it resolves names: there is no server to ask.
 *
 * @param folder is made
 */
export async function writeControllerFiles(folder: string): Promise<void> {
  const nginx = join(folder, 'nginx')
  await mkdir(join(folder, 'ingress-controller', 'telemetry'), { recursive: true })
  await cp(programFile('ingress-nginx', 'nginx'), nginx, { recursive: true })
  await mkdir(join(nginx, 'temporary'))
  await cp(STAND_INS, join(nginx, 'lua', 'resty'), { recursive: true })
  await copyFile('/etc/nginx/mime.types', join(nginx, 'mime.types'))
  for (const name of OF_THE_MACHINE) await copyIfThere(join('/etc', name), join(folder, name))
  await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n')
  await change(join(nginx, 'nginx.conf'), (text) => text.replaceAll('/tmp/nginx', '/etc/nginx/temporary'))
  await change(join(nginx, 'template', 'nginx.tmpl'), changedTemplate)
}

function changedTemplate(template: string): string {
  const replacements: readonly (readonly [RegExp, string])[] = [
    // A worker of another user could not read this folder, and within a user's own namespace there is no other user.
    [/^pid \{\{ \.PID \}\};$/m, `pid /etc/nginx/temporary/nginx.pid;\nuser root;\n${MODULES.join('\n')}`],
    [/\/tmp\/nginx/g, '/etc/nginx/temporary'],
    // Debian has no Lua for streams. The controller insists on telling somebody about them.
    [/^stream \{[\s\S]*?^\}$/m, ''],
    [
      /^( *)listen \{\{ \$all\.ListenPorts\.Default \}\} .*\n.*ListenPorts\.Default.*$/m,
      '$1listen 127.0.0.1:{{ $$all.ListenPorts.Default }} default_server;',
    ],
    [/^ *# default server, used for NGINX healthcheck/m, 'server { listen 127.0.0.1:{{ .StreamPort }}; return 204; }\n$&'],
  ]
  return replacements.reduce((text, [pattern, replacement]) => {
    if (text.search(pattern) === -1) throw new Error(`the template of ingress-nginx has nothing like ${pattern}`)
    return text.replace(pattern, replacement)
  }, template)
}

async function change(file: string, by: (text: string) => string): Promise<void> {
  const text = await readFile(file, 'utf8')
  // As in the module cache, which is read-only.
  await chmod(file, 0o600)
  await writeFile(file, by(text))
}

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await access(from)
  } catch {
    return
  }
  await copyFile(from, to)
}
