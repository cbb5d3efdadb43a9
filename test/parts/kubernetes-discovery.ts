import type { Answer } from './kubernetes-request.ts'
import { until } from './until.ts'

/** How a kind is served. */
interface ServedKind {
  readonly plural: string
  readonly isNamespaced: boolean
}

/** What an API server serves. */
export interface Discovery {
  /** Looks a kind up; asks the server again, for up to ten seconds, about one that it has not known so far. */
  find(apiVersion: string, kind: string): Promise<ServedKind>
}

/** https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api */
interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

/** @param get asks for a path */
export function discovery(get: (path: string) => Promise<Answer>): Discovery {
  const known = new Map<string, ServedKind>()

  async function learn(apiVersion: string): Promise<void> {
    const { status, body } = await get(apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)
    if (status !== 200) return
    for (const { name, kind, namespaced } of (body as ResourceList).resources) {
      // The others are subresources, such as `ingresses/status`.
      if (!name.includes('/')) known.set(`${apiVersion} ${kind}`, { plural: name, isNamespaced: namespaced })
    }
  }

  return {
    find: (apiVersion, kind) =>
      until(`the API server serves ${kind} of ${apiVersion}`, async () => {
        const key = `${apiVersion} ${kind}`
        if (!known.has(key)) await learn(apiVersion)
        return known.get(key)
      }),
  }
}
