import { randomInt } from 'node:crypto'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { CHART, helm } from '../chart/helm.ts'
import { testCertificatePem, trustTestAuthority } from './certificate.ts'
import { temporaryDirectory } from './directory.ts'
import { type EchoApp, startEchoApp } from './echo-app.ts'
import { type GatehouseReplica, startReplica } from './gatehouse-replica.ts'
import { type KubernetesPart, startKubernetes } from './kubernetes.ts'
import { type AuditedRequest, auditOf } from './kubernetes-audit.ts'
import { startOpenIdProvider } from './openid-provider.ts'
import { type RedisPart, startRedis } from './redis.ts'
import { prepareTraefik, startTraefik, type TraefikPart } from './traefik.ts'
import { until } from './until.ts'
import { ALICE, BOB } from './world.ts'

/** The namespace of the release, and the host of Gatehouse itself. */
export const SYSTEM = 'gatehouse'
export const AUTH_HOST = 'auth.example.test'
/** The programs that a cluster world starts. */
export const CLUSTER_PROGRAMS = ['etcd', 'kube-apiserver', 'helm', 'traefik', 'redis-server'] as const

export interface ClusterWorldSettings {
  /** Values of the chart, over those of the world. */
  readonly values?: Readonly<Record<string, unknown>>
  /** Names of the replicas. Default: one, `gatehouse-0`. */
  readonly replicas?: readonly string[]
  /** Names of the apps. Default: one, `app`. */
  readonly apps?: readonly string[]
}

/**
 * A cluster where Gatehouse has been installed by its chart: API server, Traefik, Redis, provider and apps are real. What
 * a machine without pods cannot have is put in place by hand: replicas are processes under the chart's ServiceAccount,
 * each with an address of its own for the chart's ports, and Services are names for such addresses.
 */
export interface ClusterWorld extends AsyncDisposable {
  readonly kubernetes: KubernetesPart
  readonly traefik: TraefikPart
  readonly redis: RedisPart
  readonly apps: ReadonlyMap<string, EchoApp>
  /** Those that have been started, by name. The Services lead to the first. */
  readonly replicas: ReadonlyMap<string, GatehouseReplica>
  /** Starts a replica, again or for the first time, and waits until it is ready. */
  start(name: string): Promise<GatehouseReplica>
  /** Everything that Gatehouse, or one replica, asked of the API server. Each has a token of its own, as pods have. */
  audited(replica?: string): Promise<AuditedRequest[]>
  stop(): Promise<void>
}

const CLIENT_SECRET = 'Vq3pT9-bR7xWm2Zk8sYd'
const ACCOUNT = `system:serviceaccount:${SYSTEM}:gatehouse`

/** Starts everything and waits until every replica is ready. */
export async function startClusterWorld(settings: ClusterWorldSettings = {}): Promise<ClusterWorld> {
  const { values = {}, replicas: names = ['gatehouse-0'], apps: appNames = ['app'] } = settings
  trustTestAuthority()
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('cluster-world'))
  const audit = await auditOf(ACCOUNT, directory)
  const kubernetes = cleanup.use(await startKubernetes({ args: audit.args }))
  const redis = cleanup.use(await startRedis())
  const apps = new Map<string, EchoApp>()
  for (const name of appNames) apps.set(name, cleanup.use(await startEchoApp()))
  const provider = cleanup.use(await startCompany())

  await kubernetes.ensureNamespace(SYSTEM)
  await kubernetes.apply([
    secret(SYSTEM, 'gatehouse-redis-url', { url: redis.url }),
    secret(SYSTEM, 'company-oidc', { 'client-secret': CLIENT_SECRET }),
    certificateFor(SYSTEM, 'auth-example-test'),
  ])
  const [traefikConfig] = await Promise.all([
    prepareTraefik(kubernetes),
    install(kubernetes, { ...valuesFor(provider.issuer), ...values }),
  ])
  const [first = 'gatehouse-0'] = names
  const addresses = new Map<string, string>()
  const addressOf = (name: string) => {
    const address = addresses.get(name) ?? someAddress()
    addresses.set(name, address)
    return address
  }
  await replaceServices(kubernetes, addressOf(first))
  const replicaSettings = {
    directory,
    config: await configOf(kubernetes),
    redisUrl: redis.url,
    env: { GATEHOUSE_CONTROLLER_CHECK_URL: `http://${addressOf(first)}:8181` },
  }
  const replicas = new Map<string, GatehouseReplica>()
  const tokens = new Map<string, string>()
  cleanup.defer(async () => {
    for (const replica of replicas.values()) await replica.stop()
  })
  async function start(name: string): Promise<GatehouseReplica> {
    await replicas.get(name)?.stop()
    const token = tokens.get(name) ?? (await tokenOf(kubernetes))
    tokens.set(name, token)
    const kubeconfig = await kubernetes.kubeconfig(token)
    const replica = await startReplica({ ...replicaSettings, kubeconfig, name, address: addressOf(name) })
    replicas.set(name, replica)
    await until(`${name} is ready`, replica.isReady, { timeoutMs: 20_000 })
    return replica
  }
  for (const name of names) await start(name)
  const traefik = cleanup.use(await startTraefik({ kubeconfig: traefikConfig }))

  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return {
    kubernetes,
    traefik,
    redis,
    apps,
    replicas,
    start,
    async audited(name) {
      const requests = await audit.requests()
      if (name === undefined) return requests
      const id = credentialOf(tokens.get(name) ?? '')
      return requests.filter(({ user }) => user.extra?.[CREDENTIAL_ID]?.includes(id) === true)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }

  async function startCompany() {
    return startOpenIdProvider({
      accounts: [ALICE, BOB],
      title: 'Example Company',
      clients: [
        {
          clientId: 'gatehouse',
          clientSecret: CLIENT_SECRET,
          redirectUris: [`https://${AUTH_HOST}/callback/company`],
          postLogoutRedirectUris: [`https://${AUTH_HOST}/logout`],
        },
      ],
      tls: testCertificatePem(),
    })
  }
}

/** A Secret of type TLS with the certificate of test servers. */
export function certificateFor(namespace: string, name: string): KubeObject {
  const { cert, key } = testCertificatePem()
  return { ...secret(namespace, name, { 'tls.crt': cert, 'tls.key': key }), type: 'kubernetes.io/tls' }
}

/** A Secret with these texts. */
export function secret(namespace: string, name: string, stringData: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData }
}

/** A Service that is a name for a host; Traefik follows it there. */
export function externalService(namespace: string, name: string, host: string, port: number): KubeObject {
  const spec = { type: 'ExternalName', externalName: host, ports: [{ name: 'http', port }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec }
}

function valuesFor(issuer: string): Record<string, unknown> {
  return {
    authUrl: `https://${AUTH_HOST}`,
    redis: { existingSecret: { name: 'gatehouse-redis-url' } },
    ingressClasses: [{ name: 'traefik', controller: 'traefik', default: true, cidrs: ['127.0.0.0/8'] }],
    identityProviders: [
      {
        name: 'company',
        spec: {
          displayName: 'Example Company',
          type: 'OIDC',
          oidc: { issuer, clientID: 'gatehouse', clientSecretRef: { name: 'company-oidc', key: 'client-secret' } },
        },
      },
    ],
  }
}

async function install(kubernetes: KubernetesPart, values: Readonly<Record<string, unknown>>): Promise<void> {
  const args = ['install', 'gatehouse', CHART, '--namespace', SYSTEM, '--timeout', '30s']
  const result = await helm('helm', args, { values, kubeconfig: await kubernetes.kubeconfig() })
  if (result.code !== 0) throw new Error(`helm install: ${result.error}`)
}

/** The Services of the chart select pods; here they lead to an address instead, on the same ports. */
async function replaceServices(kubernetes: KubernetesPart, address: string): Promise<void> {
  const ports = { 'gatehouse-check': 8181, 'gatehouse-portal': 8080, 'gatehouse-ops': 9090 }
  for (const [name, port] of Object.entries(ports)) {
    const service = externalService(SYSTEM, name, address, port)
    await kubernetes.delete(service)
    await kubernetes.apply(service)
  }
}

async function configOf(kubernetes: KubernetesPart): Promise<string> {
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: SYSTEM, name: 'gatehouse-config' } }
  const { data } = (await kubernetes.get(reference)) as { data?: Record<string, string> }
  return data?.['gatehouse.yaml'] ?? ''
}

async function tokenOf(kubernetes: KubernetesPart): Promise<string> {
  const path = `/api/v1/namespaces/${SYSTEM}/serviceaccounts/gatehouse/token`
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } }
  const answer = await kubernetes.request('POST', path, { body })
  if (answer.status !== 201) throw new Error(`the chart's ServiceAccount gets no token: ${JSON.stringify(answer)}`)
  return (answer.body as { status: { token: string } }).status.token
}

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id'

/** By which the API server tells one token of an account from another. */
function credentialOf(token: string): string {
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { jti: string }
  return `JTI=${jti}`
}

/** All of 127.0.0.0/8 is this machine, so that each replica can have the same ports. */
function someAddress(): string {
  return `127.${randomInt(16, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
}
