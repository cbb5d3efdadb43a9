import { readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { Cluster, KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { fieldOf } from '../resources/raw-value.ts'
import type { ApiAccess, Credentials } from './credentials.ts'

interface Loaded {
  readonly kubeConfig: KubeConfig
  /** By user: the file of the token, which the package does not know. */
  readonly tokenFiles: ReadonlyMap<string, string>
}

/** The kubeconfig files that `kubectl` would read. */
export function defaultKubeconfigFiles(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const named = environment.KUBECONFIG?.split(delimiter).filter((file) => file !== '') ?? []
  return named.length > 0 ? named : [join(environment.HOME ?? homedir(), '.kube', 'config')]
}

/**
 * Access by kubeconfig files, merged as `kubectl` merges them: client certificates, tokens, token files, exec plugins,
 * proxies. Files of tokens, authorities and certificates are read at every request.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
export function kubeconfigCredentials(files: readonly string[]): Credentials {
  let loading: Promise<Loaded> | undefined

  function loaded(): Promise<Loaded> {
    if (loading !== undefined) return loading
    const attempt = load(files)
    loading = attempt
    attempt.catch(() => {
      if (loading === attempt) loading = undefined
    })
    return attempt
  }

  return {
    current: async () => accessOf(await loaded()),
    forget() {
      loading = undefined
    },
  }
}

async function load(files: readonly string[]): Promise<Loaded> {
  // Only here: the package takes 85 MB of memory and 0.4 s, which no pod has to pay.
  const { KubeConfig } = await import('@kubernetes/client-node')
  const tokenFiles = new Map<string, string>()
  let merged: KubeConfig | undefined
  for (const file of files) {
    const one = new KubeConfig()
    one.loadFromFile(file)
    for (const [user, tokenFile] of tokenFilesOf(await readFile(file, 'utf8'), dirname(file))) {
      if (!tokenFiles.has(user)) tokenFiles.set(user, tokenFile)
    }
    if (merged === undefined) merged = one
    else merged.mergeConfig(one, true)
  }
  if (merged === undefined) throw new Error('no kubeconfig file is named')
  return { kubeConfig: merged, tokenFiles }
}

function tokenFilesOf(text: string, directory: string): [string, string][] {
  const users = fieldOf(parse(text), 'users')
  return (Array.isArray(users) ? users : []).flatMap((entry): [string, string][] => {
    const name = fieldOf(entry, 'name')
    const file = fieldOf(fieldOf(entry, 'user'), 'tokenFile')
    return typeof name === 'string' && typeof file === 'string' ? [[name, resolve(directory, file)]] : []
  })
}

async function accessOf({ kubeConfig, tokenFiles }: Loaded): Promise<ApiAccess> {
  const cluster = kubeConfig.getCurrentCluster()
  if (cluster === null) throw new Error(`the kubeconfig's context ${kubeConfig.getCurrentContext()} names no cluster`)
  allowPlainLoopback(cluster)
  const { agent, headers, ...connection }: RequestOptions = await optionsOf(kubeConfig)
  const tokenFile = tokenFiles.get(kubeConfig.getCurrentUser()?.name ?? '')
  return {
    server: cluster.server,
    connection: cluster.proxyUrl === undefined || agent === undefined ? connection : { ...connection, agent },
    headers: {
      ...textsOf(headers),
      ...(tokenFile === undefined ? {} : { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` }),
    },
  }
}

/** Without TLS only to this machine, as to a `kubectl proxy`; the package wants to be told so, and refuses it elsewhere. */
function allowPlainLoopback(cluster: Cluster): void {
  if (/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(cluster.server))
    Object.assign(cluster, { skipTLSVerify: true })
}

async function optionsOf(kubeConfig: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  await kubeConfig.applyToHTTPSOptions(options)
  return options
}

function textsOf(headers: RequestOptions['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)] as const),
  )
}
