import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { type Discovery, discovery } from './kubernetes-discovery.ts'
import { type Answer, type ApiCall, type ApiServer, callApi } from './kubernetes-request.ts'
import { until } from './until.ts'

/** How `apply` applies. */
export interface ApplySettings {
  /** Default: `test`. */
  readonly fieldManager?: string
  /** Whether fields of other managers are taken over. Default: true. */
  readonly force?: boolean
  /** Default: the admin's. */
  readonly token?: string
  readonly dryRun?: boolean
  /** What becomes of unknown fields. Default: `Strict`. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
}

/** Which object is meant. Without a namespace, one of a namespaced kind is in `default`. */
export type ObjectReference = Pick<KubeObject, 'apiVersion' | 'kind'> & {
  readonly metadata: Pick<KubeObject['metadata'], 'name' | 'namespace'>
}

/** What tests ask of a cluster. */
export interface KubernetesApi {
  /** One request, as the admin unless it has a token; an answer of any status is an answer. */
  request(method: string, path: string, call?: ApiCall): Promise<Answer>
  /**
   * Applies objects one after another by server-side apply: YAML text of any number of documents, or objects. Waits for
   * kinds whose CustomResourceDefinition was applied just before.
   *
   * @returns them as the server answers. Throws an `ApplyRefusedError` at the first that the server refuses
   */
  apply(manifests: string | KubeObject | readonly KubeObject[], settings?: ApplySettings): Promise<KubeObject[]>
  /** The object, or undefined if there is none. */
  get(reference: ObjectReference): Promise<KubeObject | undefined>
  /** Deletes an object; one that is not there counts as deleted. */
  delete(reference: ObjectReference): Promise<void>
  /** The path of an object, or with a subresource of that. */
  pathOf(reference: ObjectReference, subresource?: string): Promise<string>
  ensureNamespace(name: string): Promise<void>
  /** A new token of a ServiceAccount, which is made if it is missing, as is its namespace. Valid for an hour. */
  serviceAccountToken(namespace: string, name: string): Promise<string>
}

/** The server answered an apply with this status; the message is its own. */
export class ApplyRefusedError extends Error {
  readonly status: number

  constructor(reference: ObjectReference, { status, body }: Answer) {
    const said = typeof body === 'object' && body !== null && 'message' in body ? body.message : body
    super(`${reference.kind} ${reference.metadata.name}: ${status} ${said}`)
    this.name = 'ApplyRefusedError'
    this.status = status
  }
}

/** Speaks to an API server as the holder of a token. */
export function kubernetesApi(server: ApiServer): KubernetesApi {
  const request: KubernetesApi['request'] = (method, path, call) => callApi(server, method, path, call)
  const kinds: Discovery = discovery((path) => request('GET', path))

  async function pathOf({ apiVersion, kind, metadata }: ObjectReference, subresource?: string): Promise<string> {
    const { plural, isNamespaced } = await kinds.find(apiVersion, kind)
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const within = isNamespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : ''
    return `${root}${within}/${plural}/${metadata.name}${subresource === undefined ? '' : `/${subresource}`}`
  }

  async function applyOne(object: KubeObject, settings: ApplySettings): Promise<KubeObject> {
    const { fieldManager = 'test', force = true, token, dryRun = false, fieldValidation = 'Strict' } = settings
    const path = await pathOf(object)
    const call: ApiCall = {
      query: { fieldManager, force: `${force}`, fieldValidation, ...(dryRun ? { dryRun: 'All' } : {}) },
      contentType: 'application/apply-patch+yaml',
      body: object,
      ...(token === undefined ? {} : { token }),
    }
    // A kind that has just been announced is not served for a moment yet: the answer is no Status then, but plain text.
    const answer = await until(`${object.kind} is served`, async () => {
      const one = await request('PATCH', path, call)
      return (one.status !== 404 || typeof one.body !== 'string') && one
    })
    if (answer.status >= 300) throw new ApplyRefusedError(object, answer)
    return answer.body as KubeObject
  }

  async function apply(
    manifests: string | KubeObject | readonly KubeObject[],
    settings: ApplySettings = {},
  ): Promise<KubeObject[]> {
    const applied: KubeObject[] = []
    for (const object of objectsOf(manifests)) applied.push(await applyOne(object, settings))
    return applied
  }

  async function ensureNamespace(name: string): Promise<void> {
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }

  return {
    request,
    apply,
    pathOf,
    ensureNamespace,
    async get(reference) {
      const answer = await request('GET', await pathOf(reference))
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw new Error(`${reference.kind} ${reference.metadata.name}: ${answer.status}`)
      return answer.body as KubeObject
    },
    async delete(reference) {
      const { status } = await request('DELETE', await pathOf(reference))
      if (status >= 300 && status !== 404) throw new Error(`${reference.kind} ${reference.metadata.name}: ${status}`)
    },
    async serviceAccountToken(namespace, name) {
      await ensureNamespace(namespace)
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }
      await apply(account)
      const answer = await request('POST', await pathOf(account, 'token'), {
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } },
      })
      if (answer.status !== 201) throw new Error(`no token for ${namespace}/${name}: ${JSON.stringify(answer)}`)
      return (answer.body as { status: { token: string } }).status.token
    },
  }
}

/** The objects of manifests; an object of kind List stands for its items. */
export function objectsOf(manifests: string | KubeObject | readonly KubeObject[]): KubeObject[] {
  if (typeof manifests !== 'string') return [manifests].flat() as KubeObject[]
  const objects = parseAllDocuments(manifests).map((document) => {
    if ('errors' in document && document.errors[0] !== undefined) throw document.errors[0]
    return (document as { toJS(): unknown }).toJS() as KubeObject | null
  })
  return objects
    .filter((object) => object !== null)
    .flatMap((object) => (object.kind === 'List' ? (object.items as KubeObject[]) : [object]))
}
