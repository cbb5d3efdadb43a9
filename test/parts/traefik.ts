import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { temporaryDirectory } from './directory.ts'
import type { KubernetesPart } from './kubernetes.ts'
import { objectsOf } from './kubernetes-api.ts'
import { freePorts } from './port.ts'
import { startProcess } from './process.ts'
import { programFile, requireProgram } from './programs.ts'

/** A real Traefik of its own, configured by an API server. */
export interface TraefikPart extends AsyncDisposable {
  /** Ports of 127.0.0.1: the entry points for http and for https, the latter with a certificate that nobody trusts. */
  readonly ports: Readonly<Record<'web' | 'websecure' | 'api', number>>
  readonly pid: number
  /** Its routers by name, as it has them now, each with its `status` and what is wrong with it in `error`. */
  routers(): Promise<Readonly<Record<string, TraefikRouter>>>
  /** Its log so far. */
  log(): string
  /** Ends it and removes its directory. */
  stop(): Promise<void>
}

export interface TraefikRouter {
  readonly rule: string
  readonly status: 'enabled' | 'disabled' | 'warning'
  readonly middlewares?: readonly string[]
  readonly error?: readonly string[]
}

interface TraefikSettings {
  /** A kubeconfig whose token may read what Traefik reads: see `prepareTraefik`. */
  readonly kubeconfig: string
  /** Whether it serves Gateways and their HTTPRoutes too; their definitions have to be there. Default: false. */
  readonly gatewayApi?: boolean
  /** Further arguments. */
  readonly args?: readonly string[]
}

/** The definitions of Traefik's own kinds. */
export async function traefikCrds(): Promise<KubeObject[]> {
  return objectsOf(await readFile(programFile('traefik', 'crds.yaml'), 'utf8'))
}

/** The definitions of the Gateway API's standard channel, of the version that Traefik is built with. */
export async function gatewayApiCrds(): Promise<KubeObject[]> {
  const folder = programFile('traefik', 'gateway-api-crds')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap(objectsOf).filter(({ kind }) => kind === 'CustomResourceDefinition')
}

/**
 * Makes what Traefik needs in a cluster: the definitions of its kinds and of the Gateway API's, the IngressClass
 * `traefik`, and the ServiceAccount `traefik/traefik`, which may do what Traefik's own chart lets it.
 *
 * @returns a kubeconfig of that ServiceAccount
 */
export async function prepareTraefik(kubernetes: KubernetesPart): Promise<string> {
  await kubernetes.apply([...(await traefikCrds()), ...(await gatewayApiCrds())])
  const token = await kubernetes.serviceAccountToken('traefik', 'traefik')
  await kubernetes.apply(RIGHTS)
  return kubernetes.kubeconfig(token)
}

/** Starts Traefik on a cluster and waits until it answers; what it serves comes a moment later. */
export async function startTraefik(settings: TraefikSettings): Promise<TraefikPart> {
  const command = requireProgram('traefik')
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('traefik'))
  const ports = await freePorts(['web', 'websecure', 'api'])
  const api = `http://127.0.0.1:${ports.api}`
  const routers = async () => {
    const listed = (await (await fetch(`${api}/api/http/routers?per_page=1000`)).json()) as (TraefikRouter & {
      name: string
    })[]
    return Object.fromEntries(listed.map((router) => [router.name, router]))
  }

  const running = await startProcess({
    command,
    args: [...staticConfiguration(ports, settings), ...(settings.args ?? [])],
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, KUBECONFIG: settings.kubeconfig },
    isReady: async () => (await fetch(`${api}/ping`)).ok,
  })
  const owned = cleanup.move()
  async function stop(): Promise<void> {
    await running.stop()
    await owned.disposeAsync()
  }
  return { ports, pid: running.pid, routers, log: () => running.output(), stop, [Symbol.asyncDispose]: stop }
}

function staticConfiguration(
  { web, websecure, api }: Readonly<Record<'web' | 'websecure' | 'api', number>>,
  { gatewayApi = false }: TraefikSettings,
): string[] {
  return [
    ...['--global.checknewversion=false', '--global.sendanonymoususage=false', '--log.nocolor=true'],
    `--entrypoints.web.address=127.0.0.1:${web}`,
    ...[`--entrypoints.websecure.address=127.0.0.1:${websecure}`, '--entrypoints.websecure.http.tls=true'],
    ...[`--entrypoints.traefik.address=127.0.0.1:${api}`, '--api.insecure=true', '--ping=true'],
    '--providers.providersthrottleduration=100ms',
    // Services here are names of this machine: nothing runs in the cluster that they could select.
    ...['--providers.kubernetesingress=true', '--providers.kubernetesingress.allowexternalnameservices=true'],
    ...['--providers.kubernetescrd=true', '--providers.kubernetescrd.allowexternalnameservices=true'],
    ...(gatewayApi ? ['--providers.kubernetesgateway=true'] : []),
  ]
}

/** https://doc.traefik.io/traefik/reference/dynamic-configuration/kubernetes-crd/#rbac and that of the Gateway API. */
const RIGHTS = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: traefik}
rules:
  - {apiGroups: [""], resources: [services, secrets, configmaps, nodes, namespaces, pods], verbs: [get, list, watch]}
  - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
  - {apiGroups: [networking.k8s.io], resources: [ingresses, ingressclasses], verbs: [get, list, watch]}
  - {apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [update]}
  - {apiGroups: [traefik.io], resources: ["*"], verbs: [get, list, watch]}
  - {apiGroups: [gateway.networking.k8s.io], resources: ["*"], verbs: [get, list, watch, update]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: traefik}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traefik}
subjects: [{kind: ServiceAccount, name: traefik, namespace: traefik}]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: traefik}
spec: {controller: traefik.io/ingress-controller}
`
