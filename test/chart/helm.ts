import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { objectsOf } from '../parts/kubernetes-api.ts'
import { requireProgram } from '../parts/programs.ts'

export const CHART = join(import.meta.dirname, '..', '..', 'charts', 'gatehouse')

/** Helm 4 and Helm 3. */
export const helms = ['helm', 'helm3'] as const
export type Helm = (typeof helms)[number]

/** The version of Kubernetes that is rendered for where no API server is asked. */
const KUBE_VERSION = '1.36.3'

export interface HelmResult {
  readonly code: number
  /** What it wrote to standard output, and to standard error. */
  readonly output: string
  readonly error: string
}

interface HelmSettings {
  /** Values beside those of the chart: YAML for its standard input, by `--values -`. */
  readonly values?: unknown
  readonly kubeconfig?: string
}

/** Runs Helm, which sees nothing of the user's own repositories and plugins. */
export function helm(program: Helm, args: readonly string[], settings: HelmSettings = {}): Promise<HelmResult> {
  const { values, kubeconfig = '/nonexistent' } = settings
  const all = values === undefined ? args : [...args, '--values', '-']
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: kubeconfig }
  const { promise, resolve } = Promise.withResolvers<HelmResult>()
  const child = execFile(requireProgram(program), all, { env, maxBuffer: 64 * 1024 * 1024 }, (error, output, said) =>
    resolve({ code: error === null ? 0 : Number(error.code ?? 1), output, error: said }),
  )
  child.stdin?.end(values === undefined ? '' : stringify(values))
  return promise
}

/** What a chart comes to without an API server. Throws an Error with what Helm says if it refuses. */
export async function render(program: Helm, args: readonly string[], values?: unknown): Promise<KubeObject[]> {
  const options = ['--namespace', 'gatehouse', '--kube-version', KUBE_VERSION]
  const result = await helm(program, ['template', 'gatehouse', CHART, ...options, ...args], { values })
  if (result.code !== 0) throw new Error(result.error)
  return objectsOf(result.output)
}

/** `helm lint`, for the same version of Kubernetes. */
export function lint(program: Helm, args: readonly string[], values?: unknown): Promise<HelmResult> {
  return helm(program, ['lint', CHART, '--kube-version', KUBE_VERSION, ...args], { values })
}

/** The profiles that every change of the chart is held against: name and file of values. */
export const profiles = readdirSync(join(CHART, 'ci')).map((file) => ({
  profile: file.replace('-values.yaml', ''),
  file: join(CHART, 'ci', file),
}))

/** The least that the chart needs. */
export const minimal = {
  authUrl: 'https://auth.example.com',
  redis: { trial: { enabled: true } },
  ingressClasses: [{ name: 'nginx', controller: 'ingress-nginx', cidrs: ['10.0.0.0/8'] }],
}

/** The one object of a kind and name. */
export function objectOf(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name)
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`)
  return found
}
