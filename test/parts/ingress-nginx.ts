import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { temporaryDirectory } from './directory.ts'
import { NGINX_BINARY, writeControllerFiles } from './ingress-nginx-files.ts'
import type { KubernetesPart } from './kubernetes.ts'
import { withOwnEtc } from './namespaces.ts'
import { freePorts } from './port.ts'
import { startProcess } from './process.ts'
import { requireProgram } from './programs.ts'

/**
 * The real ingress-nginx controller, configured by an API server. Its nginx is Debian's. To it, every name of a Service of
 * type ExternalName is 127.0.0.1, whatever the name, but `localhost`, which it refuses.
 */
export interface IngressNginxPart extends AsyncDisposable {
  /** Ports of 127.0.0.1. Where an Ingress has no certificate, https shows one that nobody trusts. */
  readonly ports: Readonly<Record<'http' | 'https', number>>
  /** The configuration of nginx as it is now. */
  configuration(): Promise<string>
  /** What the controller and nginx have written so far. */
  log(): string
  /** Ends it and removes its directory. */
  stop(): Promise<void>
}

interface IngressNginxSettings {
  readonly kubernetes: KubernetesPart
  /** Keys of the controller's ConfigMap, over those of the part. */
  readonly config?: Readonly<Record<string, string>>
}

type Ports = Readonly<Record<'http' | 'https' | 'health' | 'status' | 'stream' | 'nobody', number>>

const NAMESPACE = 'ingress-nginx'
const NAME = 'ingress-nginx-controller'

/**
 * Starts the controller for the IngressClass `nginx` on a cluster and waits until it serves; what an Ingress asks for comes
 * a moment later. Makes what it needs there: the class, its ConfigMap, its Pod's object and a ServiceAccount with the
 * rights that its own chart gives it. Takes the permission `root or user namespaces`.
 */
export async function startIngressNginx({ kubernetes, config = {} }: IngressNginxSettings): Promise<IngressNginxPart> {
  const binary = requireProgram('ingress-nginx')
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('ingress-nginx'))
  const ports = await freePorts(['http', 'https', 'health', 'status', 'stream', 'nobody'])
  const etc = join(directory, 'etc')
  await mkdir(etc)
  await mkdir(join(directory, 'nginx'))
  await writeControllerFiles(etc)
  await kubernetes.apply(objects({ ...CONFIG, ...config }).join('---\n'))
  const kubeconfig = await kubernetes.kubeconfig(await kubernetes.serviceAccountToken(NAMESPACE, NAME))

  const running = await startProcess({
    ...withOwnEtc(etc, [binary, ...controllerArguments(kubeconfig, ports)]),
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      TMPDIR: directory,
      NGINX_BINARY,
      POD_NAME: NAME,
      POD_NAMESPACE: NAMESPACE,
    },
    isReady: async () => (await fetch(`http://127.0.0.1:${ports.status}/is-dynamic-lb-initialized`)).ok,
    readyTimeoutMs: 30_000,
  })
  const owned = cleanup.move()
  async function stop(): Promise<void> {
    // SIGTERM does not reach it: its namespace shields it, and goes with all that is within.
    running.signal('SIGKILL')
    await running.ended
    await owned.disposeAsync()
  }
  return {
    ports,
    configuration: () => readFile(join(etc, 'nginx', 'nginx.conf'), 'utf8'),
    log: () => running.output(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/ */
const CONFIG = {
  'bind-address': '127.0.0.1',
  'disable-ipv6': 'true',
  'disable-access-log': 'true',
  'error-log-path': 'stderr',
  'worker-processes': '1',
  'max-worker-connections': '1024',
  'worker-shutdown-timeout': '1s',
  // This nginx has the setting under another name.
  'use-http2': 'false',
}

function controllerArguments(kubeconfig: string, ports: Ports): string[] {
  return [
    ...[`--kubeconfig=${kubeconfig}`, `--configmap=${NAMESPACE}/${NAME}`, '--controller-class=k8s.io/ingress-nginx'],
    // As newer versions do without being told.
    '--enable-annotation-validation=true',
    ...[`--http-port=${ports.http}`, `--https-port=${ports.https}`, `--default-server-port=${ports.nobody}`],
    ...[`--status-port=${ports.status}`, `--stream-port=${ports.stream}`],
    ...[`--healthz-port=${ports.health}`, '--healthz-host=127.0.0.1'],
    ...['--update-status=false', '--disable-leader-election=true', '--enable-metrics=false', '--profiling=false'],
    ...['--sync-rate-limit=10', '--disable-sync-events=true'],
  ]
}

function objects(config: Readonly<Record<string, string>>): string[] {
  const metadata = { name: NAME, namespace: NAMESPACE }
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: config }
  return [
    stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }),
    stringify(configMap),
    OBJECTS,
  ]
}

/** The rights are those of the chart of version 4.11.0. */
const OBJECTS = `
apiVersion: v1
kind: Pod
metadata: {name: ${NAME}, namespace: ${NAMESPACE}}
spec: {containers: [{name: controller, image: controller}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${NAME}}
rules:
  - {apiGroups: [""], resources: [configmaps, endpoints, nodes, pods, secrets, namespaces], verbs: [list, watch]}
  - {apiGroups: [""], resources: [services], verbs: [get, list, watch]}
  - {apiGroups: [networking.k8s.io], resources: [ingresses, ingressclasses], verbs: [get, list, watch]}
  - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
  - {apiGroups: [""], resources: [events], verbs: [create, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${NAME}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${NAME}}
subjects: [{kind: ServiceAccount, name: ${NAME}, namespace: ${NAMESPACE}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ${NAME}, namespace: ${NAMESPACE}}
rules:
  - {apiGroups: [""], resources: [configmaps, pods, secrets, endpoints], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${NAME}, namespace: ${NAMESPACE}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${NAME}}
subjects: [{kind: ServiceAccount, name: ${NAME}, namespace: ${NAMESPACE}}]
`
