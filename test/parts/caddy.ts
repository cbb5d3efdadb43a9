import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from './directory.ts'
import { freePorts, isListening } from './port.ts'
import { startProcess } from './process.ts'
import { requireProgram } from './programs.ts'

/** A real Caddy of its own. */
export interface CaddyPart<Name extends string> extends AsyncDisposable {
  /** The port of 127.0.0.1 behind each listener's name. */
  readonly ports: Readonly<Record<Name, number>>
  readonly pid: number
  /** Its directory: configuration, state, and the certificates of its own authority. */
  readonly directory: string
  /** Its log so far. */
  log(): string
  /** Ends it and removes its directory. */
  stop(): Promise<void>
}

interface CaddySettings<Name extends string> {
  /** One free port is chosen for each name; Caddy is ready when all of them accept connections. */
  readonly listeners: readonly Name[]
  /** The site blocks, given the ports, e.g. `http://:${ports.app} { … }` or `https://app.example.test:${ports.app} { … }`. */
  readonly caddyfile: (ports: Readonly<Record<Name, number>>, directory: string) => string | Promise<string>
  /** Further lines of the global options block. */
  readonly globalOptions?: string
}

/**
 * Starts Caddy without its admin API, with home and XDG directories of its own. Sites with https get certificates from
 * an authority that exists only there; nothing is added to the system's trusted ones and no port but the named is used.
 */
export async function startCaddy<Name extends string>(settings: CaddySettings<Name>): Promise<CaddyPart<Name>> {
  const command = requireProgram('caddy')
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('caddy'))
  const ports = await freePorts(settings.listeners)
  const file = join(directory, 'Caddyfile')
  await writeFile(file, `${globalBlock(settings.globalOptions)}\n${await settings.caddyfile(ports, directory)}\n`)

  const running = await startProcess({
    command,
    args: ['run', '--config', file, '--adapter', 'caddyfile'],
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      XDG_CONFIG_HOME: join(directory, 'config'),
      XDG_DATA_HOME: join(directory, 'data'),
    },
    isReady: async () => (await Promise.all(Object.values<number>(ports).map(isListening))).every(Boolean),
  })
  const owned = cleanup.move()
  async function stop(): Promise<void> {
    await running.stop()
    await owned.disposeAsync()
  }
  return { ports, pid: running.pid, directory, log: () => running.output(), stop, [Symbol.asyncDispose]: stop }
}

function globalBlock(further = ''): string {
  return `{
  admin off
  auto_https disable_redirects
  local_certs
  skip_install_trust
  default_bind 127.0.0.1
${further}
}`
}
