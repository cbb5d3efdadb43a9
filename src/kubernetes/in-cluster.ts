import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Credentials } from './credentials.ts'

/** Where Kubernetes mounts the ServiceAccount of a pod. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether the environment is that of a pod. */
export function isInCluster(environment: Environment): boolean {
  return serviceOf(environment) !== undefined
}

/**
 * Access of a pod: its ServiceAccount's token and the cluster's authority. Both files change while the pod runs (a token
 * lives for about an hour), so each request reads them.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api
 */
export function inClusterCredentials(environment: Environment, directory: string): Credentials {
  return {
    async current() {
      const server = serviceOf(environment)
      if (server === undefined) throw new Error('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set')
      const [token, ca] = await Promise.all([
        readFile(join(directory, 'token'), 'utf8'),
        readFile(join(directory, 'ca.crt'), 'utf8'),
      ])
      return { server, connection: { ca }, headers: { authorization: `Bearer ${token.trim()}` } }
    },
    forget() {},
  }
}

function serviceOf({ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port }: Environment): string | undefined {
  if (!host || !port) return undefined
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
}
