import { readObject } from '../../src/resources/objects.ts'
import { problemText } from '../../src/resources/problem.ts'
import { kinds } from '../../src/resources/v1alpha1/index.ts'
import type { KubernetesPart } from '../parts/kubernetes.ts'

/** What is wrong with an object: one line for each problem; none if it is valid. */
export type Verdict = readonly string[]

/** What our own validator says. */
export function ourVerdict(object: unknown): Verdict {
  return readObject(object).problems.map(problemText)
}

interface Status {
  readonly message: string
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message: string }[] }
}

/** What the API server says to the creation of an object, which it does not keep. */
export async function serverVerdict(
  server: KubernetesPart,
  object: { readonly kind?: unknown; readonly metadata?: unknown },
): Promise<Verdict> {
  const path = await collectionOf(server, object)
  const query = { dryRun: 'All', fieldValidation: 'Strict' }
  const { status, body } = await server.request('POST', path, { query, body: object })
  if (status === 201) return []
  // Anything else is no verdict on the object, such as a kind that is not served.
  if (status !== 400 && status !== 422) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  const { message, details } = body as Status
  return details?.causes?.map((cause) => `${cause.field ?? ''}: ${cause.message}`) ?? [message]
}

async function collectionOf(
  server: KubernetesPart,
  object: { readonly kind?: unknown; readonly metadata?: unknown },
): Promise<string> {
  const kind = Object.values(kinds).find((one) => one.kind === object.kind)
  if (kind === undefined) throw new Error(`${object.kind} is none of our kinds`)
  const { namespace } = (object.metadata ?? {}) as { namespace?: string }
  const path = await server.pathOf({
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: kind.kind,
    metadata: { name: '', ...(namespace === undefined ? {} : { namespace }) },
  })
  return path.replace(/\/$/, '')
}
