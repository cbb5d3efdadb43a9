import { access, copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programFile, requireProgram } from './programs.ts'

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

const TEMPORARY = '/etc/nginx/temporary'
/** Folders that nginx makes, and gives to the user it runs as: Debian's would be those of the machine. */
const temporaryPaths = (...kinds: string[]) => kinds.map((kind) => `${kind}_temp_path ${TEMPORARY}/${kind};`).join(' ')

type Replacement = readonly [pattern: RegExp, replacement: string]

/** Of the configuration by which the controller starts nginx. */
const CONFIGURATION: readonly Replacement[] = [
  [/\/tmp\/nginx/g, TEMPORARY],
  [/^http \{\}$/m, `http { ${temporaryPaths('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi')} }`],
]

/** Of the template for all that comes after that. */
const TEMPLATE: readonly Replacement[] = [
  // A worker of another user could not read this folder, and within a user's own namespace there is no other user.
  [/^pid \{\{ \.PID \}\};$/m, `pid ${TEMPORARY}/nginx.pid;\nuser root;\n${MODULES.join('\n')}`],
  [/\/tmp\/nginx/g, TEMPORARY],
  [/^http \{$/m, `http {\n${temporaryPaths('uwsgi', 'scgi')}`],
  // Debian has no Lua for streams. The controller insists on telling somebody about them.
  [/^stream \{[\s\S]*?^\}$/m, ''],
  [
    /^ *# default server, used for NGINX healthcheck/m,
    'server { listen 127.0.0.1:{{ .StreamPort }}; return 204; }\n$&',
  ],
  [
    /^( *)listen \{\{ \$all\.ListenPorts\.Default \}\} .*\n.*ListenPorts\.Default.*$/m,
    '$1listen 127.0.0.1:{{ $$all.ListenPorts.Default }} default_server;',
  ],
]

/**
 * Tests and reloads wait until nginx runs: the controller writes the next configuration while nginx may still be reading
 * the first one, and does not start it again when it fails over that.
 */
const nginxOnceItRuns = (nginx: string) => `#!/bin/sh
case " $* " in *" -t "* | *" -s "*)
  tries=0
  until [ -s ${TEMPORARY}/nginx.pid ] || [ $tries = 100 ]; do sleep 0.05; tries=$((tries + 1)); done
esac
exec ${nginx} "$@"
`

/** Where the controller finds its nginx, within the /etc that is made for it. */
export const NGINX_BINARY = '/etc/nginx/nginx'

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
  await writeFile(join(nginx, 'nginx'), nginxOnceItRuns(requireProgram('nginx')), { mode: 0o755 })
  await change(join(nginx, 'nginx.conf'), CONFIGURATION)
  await change(join(nginx, 'template', 'nginx.tmpl'), TEMPLATE)
}

async function change(file: string, replacements: readonly Replacement[]): Promise<void> {
  const text = await readFile(file, 'utf8')
  const changed = replacements.reduce((before, [pattern, replacement]) => {
    if (before.search(pattern) === -1) throw new Error(`${file} of ingress-nginx has nothing like ${pattern}`)
    return before.replace(pattern, replacement)
  }, text)
  await writeFile(file, changed)
}

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await access(from)
  } catch {
    return
  }
  await copyFile(from, to)
}
