import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { testCertificate, testCertificatePem, trustTestAuthority } from '../parts/certificate.ts'
import { certificateFor, secret } from '../parts/cluster-world.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { type EchoApp, startEchoApp } from '../parts/echo-app.ts'
import { type IngressNginxPart, startIngressNginx } from '../parts/ingress-nginx.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { objectsOf } from '../parts/kubernetes-api.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../parts/openid-provider.ts'
import { freePorts } from '../parts/port.ts'
import { type RunningProcess, startProcess } from '../parts/process.ts'
import { repositoryFile } from '../proxies/configuration.ts'
import type { Gateway } from '../proxies/gateway.ts'
import { proxyWorld } from '../proxies/manifests.ts'
import { protectedApps, serviceFor } from './ingress-nginx-objects.ts'

/** A cluster with the real controller and a Gatehouse that wires its Ingresses. */
export interface IngressNginxWorld extends Gateway {
  readonly kubernetes: KubernetesPart
  readonly nginx: IngressNginxPart
  /** Where Gatehouse's check listens, as in its settings. */
  readonly checkUrl: string
  /** The log of Gatehouse so far. */
  log(): string
}

type Ports = Readonly<Record<'check' | 'portal' | 'ops', number>>

const SYSTEM = 'gatehouse'
const CLIENT_SECRET = 'Vq3pT9-bR7xWm2Zk8sYd'
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
const KINDS = ['accessapplications', 'accessgroups', 'accesspolicies', 'identityproviders']

/** Starts everything and applies what `proxyWorld` protects; it is served a moment later. */
export async function startIngressNginxWorld(): Promise<IngressNginxWorld> {
  trustTestAuthority()
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('ingress-nginx-world'))
  const kubernetes = cleanup.use(await startKubernetes())
  const provider = cleanup.use(await startCompany())
  const apps = new Map<string, EchoApp>()
  for (const name of proxyWorld.apps) apps.set(name, cleanup.use(await startEchoApp()))
  const app = (name = 'app') => {
    const found = apps.get(name)
    if (found === undefined) throw new Error(`the world has no app ${name}`)
    return found
  }
  const ports = await freePorts(['check', 'portal', 'ops'])

  for (const kind of KINDS) {
    await kubernetes.apply(repositoryFile(`manifests/crds/access.gatehouse.dev_${kind}.yaml`))
  }
  for (const namespace of [SYSTEM, 'monitoring', 'shop', 'lab']) await kubernetes.ensureNamespace(namespace)
  const [authHost, configMap] = objectsOf(repositoryFile('manifests/proxies/ingress-nginx/gatehouse.yaml'))
  const [nginx, gatehouse] = await Promise.all([
    startIngressNginx({ kubernetes, config: Object(configMap).data }),
    startGatehouse(kubernetes, ports, directory),
  ])
  cleanup.use(nginx)
  cleanup.use(gatehouse)
  await kubernetes.apply([
    certificateFor(SYSTEM, 'auth-example-com'),
    serviceFor(SYSTEM, 'gatehouse-portal', ports.portal, 8080),
    secret(SYSTEM, 'openid-client', { secret: CLIENT_SECRET }),
    company(provider),
    Object(authHost),
    ...protectedApps(checkUrl(ports), (name) => app(name).port),
  ])

  const owned = cleanup.move()
  return {
    kubernetes,
    nginx,
    checkUrl: checkUrl(ports),
    port: nginx.ports.https,
    lonelyPorts: [],
    log: () => gatehouse.output(),
    world: {
      apps,
      app,
      metrics: async () => (await fetch(`http://127.0.0.1:${ports.ops}/metrics`)).text(),
      async stopGatehouse() {
        gatehouse.signal('SIGKILL')
        await gatehouse.ended
      },
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function checkUrl({ check }: Ports): string {
  return `http://127.0.0.1:${check}`
}

async function startGatehouse(kubernetes: KubernetesPart, ports: Ports, directory: string): Promise<RunningProcess> {
  const file = join(directory, 'gatehouse.yaml')
  const config = {
    auth: { url: proxyWorld.authUrl },
    namespace: SYSTEM,
    listeners: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { host: '127.0.0.1', port }])),
    resources: { kubernetes: { kubeconfig: await kubernetes.kubeconfig() } },
    keys: { kubernetesSecret: 'gatehouse-keys' },
    store: { type: 'Memory' },
    controller: { checkUrl: checkUrl(ports) },
    shutdown: { notReadyDelay: '0s', timeout: '3s' },
  }
  await writeFile(file, stringify(config))
  return startProcess({
    command: process.execPath,
    args: [MAIN, '--config', file],
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      POD_NAME: 'gatehouse-0',
      NODE_EXTRA_CA_CERTS: testCertificate.authorityFile,
    },
    isReady: async () => (await fetch(`http://127.0.0.1:${ports.ops}/readyz`)).ok,
    readyTimeoutMs: 30_000,
  })
}

function startCompany(): Promise<OpenIdProvider> {
  const { accounts, displayName } = proxyWorld.providers.company
  const client = {
    clientId: 'gatehouse',
    clientSecret: CLIENT_SECRET,
    redirectUris: [`${proxyWorld.authUrl}/callback/company`],
    postLogoutRedirectUris: [`${proxyWorld.authUrl}/logout`],
  }
  return startOpenIdProvider({ accounts, title: displayName, clients: [client], tls: testCertificatePem() })
}

function company({ issuer }: OpenIdProvider) {
  const clientSecretRef = { name: 'openid-client', key: 'secret' }
  return {
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'IdentityProvider',
    metadata: { name: 'company' },
    spec: {
      displayName: proxyWorld.providers.company.displayName,
      type: 'OIDC',
      oidc: { issuer, clientID: 'gatehouse', clientSecretRef },
    },
  }
}
