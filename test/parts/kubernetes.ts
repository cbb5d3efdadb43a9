import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testCertificate } from './certificate.ts'
import { temporaryDirectory } from './directory.ts'
import { type KubernetesApi, kubernetesApi } from './kubernetes-api.ts'
import { freePorts } from './port.ts'
import { type RunningProcess, startProcess } from './process.ts'
import { requireProgram } from './programs.ts'

/**
 * A real API server with its etcd: a cluster without nodes and controllers. It keeps and checks objects, and RBAC decides
 * who may; no Pod runs, no Service leads anywhere, nothing is collected as garbage, and a deleted Namespace stays.
 */
export interface KubernetesPart extends KubernetesApi, AsyncDisposable {
  /** `https://127.0.0.1:port`. */
  readonly url: string
  readonly port: number
  /** The certificate authority of `url`, as a PEM file. */
  readonly caFile: string
  /** Of a user in `system:masters`, who may do everything. */
  readonly adminToken: string
  /**
   * Writes a kubeconfig.
   *
   * @param token whose it is. Default: the admin's
   * @param server URL of the API server, or of something in front of it that speaks http. Default: `url`
   * @returns the full path of a new file, which goes when the part ends
   */
  kubeconfig(token?: string, server?: string): Promise<string>
  /** What the API server wrote since it was last started. */
  output(): string
  /** Ends the API server alone; etcd stays. Harmless when repeated. */
  stopServer(): Promise<void>
  /** Ends the API server as a crash does and waits until it is gone. */
  kill9(): Promise<void>
  /** Stops its process without closing a connection: it accepts and never answers. */
  pauseServer(): void
  /** Takes back `pauseServer`. */
  resumeServer(): void
  /** Starts the API server again on the same port, on what etcd kept; ends it first if it runs. */
  startServer(): Promise<void>
  /** Ends both and removes their directory. */
  stop(): Promise<void>
}

interface KubernetesSettings {
  /** Further arguments of kube-apiserver, e.g. `['--min-request-timeout=5']`. */
  readonly args?: readonly string[]
}

/** Written into the Endpoints of the Service `kubernetes`, where the address of a loopback interface is refused. */
const ADVERTISED = '10.77.0.1'

/** Starts etcd and kube-apiserver on free ports of 127.0.0.1 and waits until the API server is ready. */
export async function startKubernetes({ args = [] }: KubernetesSettings = {}): Promise<KubernetesPart> {
  const command = requireProgram('kube-apiserver')
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('kubernetes'))
  const ports = await freePorts(['etcd', 'peers', 'server'])
  const adminToken = randomBytes(16).toString('hex')
  const url = `https://127.0.0.1:${ports.server}`
  const caFile = testCertificate.authorityFile
  const api = kubernetesApi({ url, ca: readFileSync(caFile, 'utf8'), token: adminToken })

  cleanup.use(await startEtcd(directory, ports))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(join(directory, 'service-accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }))
  await writeFile(join(directory, 'tokens.csv'), `${adminToken},admin,1,"system:masters"\n`)
  const start = (): Promise<RunningProcess> =>
    startProcess({
      command,
      args: [...serverArguments(directory, ports), ...args],
      cwd: directory,
      env: { PATH: process.env.PATH },
      isReady: () => isReady(api),
      readyTimeoutMs: 60_000,
    })
  let running = await start()
  // Of all that was begun, the last goes first: an API server without its etcd would not leave.
  cleanup.defer(() => running.stop())

  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  let written = 0
  return {
    ...api,
    url,
    port: ports.server,
    caFile,
    adminToken,
    async kubeconfig(token = adminToken, server = url) {
      written += 1
      const file = join(directory, `kubeconfig-${written}.json`)
      await writeFile(file, JSON.stringify(kubeconfig(server, caFile, token)))
      return file
    },
    output: () => running.output(),
    stopServer: () => running.stop(),
    async kill9() {
      running.signal('SIGKILL')
      await running.ended
    },
    pauseServer: () => running.signal('SIGSTOP'),
    resumeServer: () => running.signal('SIGCONT'),
    async startServer() {
      await running.stop()
      running = await start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface Ports {
  readonly etcd: number
  readonly peers: number
  readonly server: number
}

function startEtcd(directory: string, { etcd, peers }: Ports): Promise<RunningProcess> {
  const clients = `http://127.0.0.1:${etcd}`
  const members = `http://127.0.0.1:${peers}`
  return startProcess({
    command: requireProgram('etcd'),
    args: [
      ...['--name=test', `--data-dir=${join(directory, 'etcd')}`],
      ...[`--listen-client-urls=${clients}`, `--advertise-client-urls=${clients}`],
      ...[`--listen-peer-urls=${members}`, `--initial-advertise-peer-urls=${members}`],
      `--initial-cluster=test=${members}`,
      // This etcd cannot be asked how far it is, and the API server keeps watches from `now` waiting until it is told.
      '--experimental-watch-progress-notify-interval=250ms',
    ],
    cwd: directory,
    env: { PATH: process.env.PATH },
    isReady: async () => (await fetch(`${clients}/health`)).ok,
  })
}

function serverArguments(directory: string, { etcd, server }: Ports): string[] {
  const key = join(directory, 'service-accounts.key')
  return [
    ...[`--etcd-servers=http://127.0.0.1:${etcd}`, `--secure-port=${server}`, '--bind-address=127.0.0.1'],
    ...[`--advertise-address=${ADVERTISED}`, '--service-cluster-ip-range=10.0.0.0/24'],
    ...[`--tls-cert-file=${testCertificate.certFile}`, `--tls-private-key-file=${testCertificate.keyFile}`],
    `--cert-dir=${join(directory, 'certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    ...[`--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`],
    ...['--authorization-mode=RBAC', `--token-auth-file=${join(directory, 'tokens.csv')}`],
    // It would ask for a ServiceAccount `default` in every namespace, which nobody makes here.
    '--disable-admission-plugins=ServiceAccount',
  ]
}

async function isReady(api: KubernetesApi): Promise<boolean> {
  const ready = await api.request('GET', '/readyz')
  return ready.status === 200 && (await api.request('GET', '/api/v1/namespaces/default')).status === 200
}

function kubeconfig(server: string, caFile: string, token: string): Record<string, unknown> {
  const authority = server.startsWith('https:') ? { 'certificate-authority': caFile } : {}
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, ...authority } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'default' } }],
    'current-context': 'test',
  }
}
