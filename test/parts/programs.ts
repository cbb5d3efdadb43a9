import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isPackageInstalled } from './debian.ts'
import { goModule, programFolder } from './go-module.ts'

/** A program that comes in a Debian package. */
export interface DebianProgram {
  readonly source: 'Debian'
  readonly debianPackages: readonly string[]
  /** The service that the package would start at every boot. */
  readonly service?: string
}

/** A program that is built from the Go module in the folder of its name in test/programs. */
export interface GoProgram {
  readonly source: 'Go'
  /** Packages without which it does not run. */
  readonly debianPackages?: readonly string[]
  /** Files and folders of Go modules that are kept beside it, by their name there. */
  readonly files?: Readonly<Record<string, { readonly module: string; readonly path: string }>>
  /** What the linker is told, given the version as in go.mod. */
  readonly linkerFlags?: (version: string) => string
}

const K8S_VERSION = 'k8s.io/component-base/version'

/** The real programs that tests or the benchmark start, each with where it comes from. */
export const programs = {
  'redis-server': { source: 'Debian', debianPackages: ['redis-server'], service: 'redis-server' },
  nginx: { source: 'Debian', debianPackages: ['nginx'], service: 'nginx' },
  caddy: { source: 'Debian', debianPackages: ['caddy'], service: 'caddy' },
  chromium: { source: 'Debian', debianPackages: ['chromium'] },
  wrk: { source: 'Debian', debianPackages: ['wrk'] },
  etcd: { source: 'Debian', debianPackages: ['etcd-server'], service: 'etcd' },
  prometheus: { source: 'Debian', debianPackages: ['prometheus'], service: 'prometheus' },
  promtool: { source: 'Debian', debianPackages: ['prometheus'] },
  'kube-apiserver': {
    source: 'Go',
    // Without them it claims no version, and what Helm asks of versions fails.
    linkerFlags: (version) => {
      const [major, minor] = version.slice(1).split('.')
      return `-X ${K8S_VERSION}.gitVersion=${version} -X ${K8S_VERSION}.gitMajor=${major} -X ${K8S_VERSION}.gitMinor=${minor}`
    },
  },
  helm: { source: 'Go' },
  helm3: { source: 'Go' },
  traefik: {
    source: 'Go',
    files: {
      'crds.yaml': {
        module: 'github.com/traefik/traefik/v3',
        path: 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml',
      },
      'gateway-api-crds': { module: 'sigs.k8s.io/gateway-api', path: 'config/crd/standard' },
    },
  },
  'ingress-nginx': {
    source: 'Go',
    debianPackages: [
      'nginx',
      'libnginx-mod-http-lua',
      'libnginx-mod-http-ndk',
      'libnginx-mod-http-set-misc',
      'libnginx-mod-http-headers-more-filter',
      'lua-resty-core',
      'lua-resty-lrucache',
      'lua-cjson',
    ],
    files: { nginx: { module: 'k8s.io/ingress-nginx', path: 'rootfs/etc/nginx' } },
  },
} as const satisfies Record<string, DebianProgram | GoProgram>

export type Program = keyof typeof programs

/** Where each program comes from. */
export const programList: readonly (readonly [Program, DebianProgram | GoProgram])[] = Object.entries<
  DebianProgram | GoProgram
>(programs) as [Program, DebianProgram | GoProgram][]

/** Where Debian puts servers, which is not on the search path of everybody who may start one. */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * Looks a program up: one of Debian's as a shell does, then in the system's directories; one built here where the build
 * puts it, and only together with all that belongs to it, so that nobody tests against another version.
 *
 * @param searchPath directories separated as in PATH
 * @returns the file's full path, or undefined if the machine has no such program
 */
export function findProgram(
  name: Program,
  searchPath: string = [process.env.PATH ?? '', ...SYSTEM_DIRECTORIES].join(delimiter),
): string | undefined {
  const program: DebianProgram | GoProgram = programs[name]
  if (program.source === 'Go') {
    return isBuilt(name, program) && (program.debianPackages ?? []).every(isPackageInstalled)
      ? programFile(name)
      : undefined
  }
  return searchPath
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable)
}

/** As `findProgram`, for callers that cannot go on without it. Throws an Error that names the remedy. */
export function requireProgram(name: Program): string {
  const file = findProgram(name)
  if (file === undefined) throw new Error(`${name} is not on this machine: npm run test:setup installs it`)
  return file
}

/** The full path of a program that is built here, or of a file that is kept beside it, whether it exists or not. */
export function programFile(name: Program, file: string = name): string {
  return join(programFolder(goModule(name)), file)
}

/** Whether a program and the files beside it stand where the build puts them. */
export function isBuilt(name: Program, { files = {} }: GoProgram): boolean {
  return isExecutable(programFile(name)) && Object.keys(files).every((file) => existsSync(programFile(name, file)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
