import { ApiError, ApiUnreachableError } from '../../src/kubernetes/api-error.ts'
import type { KubeClient } from '../../src/kubernetes/client.ts'
import type { Intercept } from './scripted-api.ts'

export const get = (client: KubeClient, path = '/version') => client.request({ method: 'GET', path })

export async function failure(promise: Promise<unknown>): Promise<ApiError | ApiUnreachableError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ApiError || error instanceof ApiUnreachableError) return error
  throw new Error('it was to fail as clients do', { cause: error })
}

export const answering =
  (body: string | Buffer, code = 200): Intercept =>
  (_, response) => {
    response.writeHead(code).end(body)
    return true
  }
