import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import type { KubernetesPart } from '../parts/kubernetes.ts'
import { until } from '../parts/until.ts'

/** What a Pod's container came to. */
export interface PodEnd {
  readonly code: number
  readonly output: string
}

interface PodSpec {
  readonly serviceAccountName: string
  readonly containers: readonly [
    {
      readonly command: readonly [string, ...string[]]
      readonly env: readonly { readonly name: string; readonly value: string }[]
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
    },
  ]
  readonly volumes: readonly { readonly name: string; readonly configMap: { readonly name: string } }[]
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Does for one Pod what a node would do: waits until it is there, runs its command on this machine with the token of its
 * ServiceAccount and the files of its ConfigMaps, and reports how it ended.
 */
export async function runPod(kubernetes: KubernetesPart, namespace: string, name: string): Promise<PodEnd> {
  const reference = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } }
  const pod = await until(`there is a Pod ${name}`, () => kubernetes.get(reference), { timeoutMs: 30_000 })
  await using directory = await temporaryDirectory('pod')
  const folders = await mounted(kubernetes, namespace, pod.spec as PodSpec, directory.path)
  const end = await runContainer(kubernetes, pod.spec as PodSpec, folders)
  const phase = end.code === 0 ? 'Succeeded' : 'Failed'
  const { status } = await kubernetes.request('PATCH', await kubernetes.pathOf(reference, 'status'), {
    body: { status: { phase } },
    contentType: 'application/merge-patch+json',
  })
  if (status !== 200) throw new Error(`the status of ${name} could not be written: ${status}`)
  return end
}

/** The folders of this machine that stand for those of the container. */
async function mounted(
  kubernetes: KubernetesPart,
  namespace: string,
  { serviceAccountName, containers: [{ volumeMounts }], volumes }: PodSpec,
  directory: string,
): Promise<Map<string, string>> {
  const account = join(directory, 'account')
  await mkdir(account)
  await writeFile(join(account, 'token'), await kubernetes.serviceAccountToken(namespace, serviceAccountName))
  const folders = new Map([[ACCOUNT, account]])
  for (const { name, configMap } of volumes) {
    const folder = join(directory, name)
    await mkdir(folder)
    const metadata = { namespace, name: configMap.name }
    const map = (await kubernetes.get({ apiVersion: 'v1', kind: 'ConfigMap', metadata })) as KubeObject
    for (const [file, content] of Object.entries(map.data as Record<string, string>)) {
      await writeFile(join(folder, file), content)
    }
    folders.set(volumeMounts.find((mount) => mount.name === name)?.mountPath ?? '', folder)
  }
  return folders
}

function runContainer(
  kubernetes: KubernetesPart,
  { containers: [{ command, env }] }: PodSpec,
  folders: ReadonlyMap<string, string>,
): Promise<PodEnd> {
  const own = env.map(({ name, value }) => {
    if (name === 'NODE_EXTRA_CA_CERTS') return [name, kubernetes.caFile]
    return [name, folders.get(value) ?? value]
  })
  const all = {
    ...Object.fromEntries(own),
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(kubernetes.port),
  }
  const [, ...args] = command
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: all, timeout: 30_000 }, (error, output, said) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${output}${said}` }),
    )
  })
}
