import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from './directory.ts'
import { freePorts, isListening } from './port.ts'
import { startProcess } from './process.ts'
import { requireProgram } from './programs.ts'

/** A real nginx of its own. */
export interface NginxPart<Name extends string> extends AsyncDisposable {
  /** The port of 127.0.0.1 behind each listener's name. */
  readonly ports: Readonly<Record<Name, number>>
  readonly pid: number
  /** Its directory: configuration and temporary files. */
  readonly directory: string
  /** Its error log so far, from level `info`. */
  errorLog(): string
  /** Ends it and removes its directory. */
  stop(): Promise<void>
}

interface NginxSettings<Name extends string> {
  /** One free port is chosen for each name; nginx is ready when all of them accept connections. */
  readonly listeners: readonly Name[]
  /** What stands in `http { … }`, given the ports, e.g. `server { listen 127.0.0.1:${ports.app}; … }`. */
  readonly http: (ports: Readonly<Record<Name, number>>, directory: string) => string | Promise<string>
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** Starts nginx as one process in the foreground, with all that it writes in a directory of its own. */
export async function startNginx<Name extends string>(settings: NginxSettings<Name>): Promise<NginxPart<Name>> {
  const command = requireProgram('nginx')
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('nginx'))
  const ports = await freePorts(settings.listeners)
  const file = join(directory, 'nginx.conf')
  await mkdir(join(directory, 'temporary'))
  await writeFile(file, configuration(directory, await settings.http(ports, directory)))

  const running = await startProcess({
    command,
    args: ['-p', directory, '-c', file, '-e', 'stderr'],
    isReady: async () => (await Promise.all(Object.values<number>(ports).map(isListening))).every(Boolean),
  })
  const owned = cleanup.move()
  async function stop(): Promise<void> {
    await running.stop()
    await owned.disposeAsync()
  }
  return {
    ports,
    pid: running.pid,
    directory,
    errorLog: () => running.output(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function configuration(directory: string, http: string): string {
  const temporaryPaths = TEMPORARY.map((kind) => `  ${kind}_temp_path ${join(directory, 'temporary', kind)};`)
  return `daemon off;
master_process off;
pid ${join(directory, 'nginx.pid')};
error_log stderr info;
events { worker_connections 1024; }
http {
  access_log off;
${temporaryPaths.join('\n')}
${http}
}
`
}
