import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { CERTIFICATE, load } from '../config/files.ts'

/** A part of an object, whose shape the test knows. */
// biome-ignore lint/suspicious/noExplicitAny: what the chart renders is what these tests are about
export function at(object: KubeObject, path: string): any {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return path.split('.').reduce<any>((value, key) => value?.[key], object)
}

/** `gatehouse.yaml` as it is rendered. */
export function configIn(objects: readonly KubeObject[]): string {
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('-config'))
  return at(map as KubeObject, 'data')['gatehouse.yaml']
}

/** Loads the configuration as the container finds it: with its variables, and with those files that are mounted. */
export function loadRendered(objects: readonly KubeObject[]): ReturnType<typeof load> {
  const pod = at(objects.find(({ kind }) => kind === 'Deployment') as KubeObject, 'spec.template.spec')
  const [{ env, volumeMounts }] = pod.containers
  return load(configIn(objects), variablesOf(env), mountedFiles(objects, pod.volumes, volumeMounts))
}

function variablesOf(env: readonly { readonly name: string; readonly value?: string }[]): Record<string, string> {
  return Object.fromEntries(
    env.flatMap(({ name, value }) =>
      name.startsWith('GATEHOUSE_') ? [[name, value?.replace('$(POD_NAME)', 'gatehouse-0') ?? '']] : [],
    ),
  )
}

interface SecretVolume {
  readonly secretName: string
  readonly items?: readonly { readonly key: string; readonly path: string }[]
}

interface Volume {
  readonly name: string
  readonly secret?: SecretVolume
}

function mountedFiles(
  objects: readonly KubeObject[],
  volumes: readonly Volume[],
  mounts: readonly { readonly name: string; readonly mountPath: string }[],
): Record<string, string> {
  const files = mounts.flatMap(({ name, mountPath }) => {
    const secret = volumes.find((volume) => volume.name === name)?.secret
    if (secret === undefined) return []
    const { secretName, items = ['ca.crt', 'tls.crt', 'tls.key'].map((key) => ({ key, path: key })) } = secret
    const own = objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === secretName)
    const content = (key: string) => (own === undefined ? foreignContent(key) : at(own, 'stringData')[key])
    return items.map(({ key, path }) => [`${mountPath}/${path}`, content(key)] as const)
  })
  return Object.fromEntries(files)
}

/** What stands in a Secret that is not the chart's. */
function foreignContent(key: string): string {
  if (key.endsWith('.crt')) return CERTIFICATE
  if (key.endsWith('.key')) return '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n'
  return key === 'url' ? 'rediss://gatehouse:pqQ8dkXx21@redis.example.com:6380/0' : 'pqQ8dkXx21'
}
