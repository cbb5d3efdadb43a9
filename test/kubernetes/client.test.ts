import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import { kubeClient } from '../../src/kubernetes/client.ts'
import { resourcePath } from '../../src/kubernetes/paths.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { until } from '../parts/until.ts'
import { answering, failure, get } from './asking.ts'
import { type Intercept, scriptedApi, status } from './scripted-api.ts'

describe('paths', () => {
  test.for([
    { path: resourcePath(apiResources.secrets), expected: '/api/v1/secrets' },
    { path: resourcePath(apiResources.secrets, 'shop', 'a'), expected: '/api/v1/namespaces/shop/secrets/a' },
    {
      path: resourcePath(apiResources.accessPolicies, 'shop', 'a', 'status'),
      expected: '/apis/access.gatehouse.dev/v1alpha1/namespaces/shop/accesspolicies/a/status',
    },
    {
      path: resourcePath(apiResources.identityProviders, undefined, 'corp'),
      expected: '/apis/access.gatehouse.dev/v1alpha1/identityproviders/corp',
    },
    { path: resourcePath(apiResources.pods, '../x', 'a/b?c'), expected: '/api/v1/namespaces/..%2Fx/pods/a%2Fb%3Fc' },
  ])('$expected', ({ path, expected }) => {
    expect(path).toBe(expected)
  })
})

describe('a request', () => {
  test('carries method, query, body and type, and gives the JSON of the answer', async () => {
    await using api = await scriptedApi()
    let body = ''
    let type: string | undefined
    api.intercept = (_, response, request) => {
      type = request.headers['content-type']
      request.on('data', (part) => {
        body += part
      })
      request.on('end', () => response.writeHead(201).end('{"made":true}'))
      return true
    }
    const answer = await api.client.request({
      method: 'PATCH',
      path: '/api/v1/pods',
      query: { fieldManager: 'gatehouse', force: 'true' },
      body: { text: 'größer' },
      contentType: 'application/apply-patch+yaml',
    })
    expect(answer).toEqual({ made: true })
    expect(JSON.parse(body)).toEqual({ text: 'größer' })
    expect(type).toBe('application/apply-patch+yaml')
    expect(api.asked[0]).toMatchObject({ method: 'PATCH', query: { fieldManager: 'gatehouse', force: 'true' } })
  })

  const refusals: readonly { title: string; intercept: Intercept; expected: object }[] = [
    {
      title: 'a Status',
      intercept: (_, response) => status(response, 409, 'AlreadyExists'),
      expected: {
        status: 409,
        statusReason: 'AlreadyExists',
        retryAfterMs: undefined,
        message: 'GET /version: 409: said 409',
      },
    },
    {
      title: '429 with Retry-After',
      intercept: (_, response) => status(response, 429, 'TooManyRequests', { 'retry-after': '3' }),
      expected: { status: 429, retryAfterMs: 3_000 },
    },
    {
      title: 'a date as Retry-After',
      intercept: (_, response) => status(response, 503, '', { 'retry-after': 'Mon, 01 Jan 2029 00:00:00 GMT' }),
      expected: { status: 503, retryAfterMs: undefined },
    },
    {
      title: 'a page of a proxy',
      intercept: answering('<html>Bad Gateway', 502),
      expected: { status: 502, statusReason: '', message: 'GET /version: 502: <html>Bad Gateway' },
    },
    {
      title: 'JSON that is no Status',
      intercept: answering('{"code":200,"reason":7,"message":{}}', 500),
      expected: { status: 500, statusReason: '', retryAfterMs: undefined },
    },
    { title: 'a redirection', intercept: answering('', 302), expected: { status: 302 } },
  ]
  test.for(refusals)('$title is an ApiError', async ({ intercept, expected }) => {
    await using api = await scriptedApi()
    api.intercept = intercept
    const error = await failure(get(api.client))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject(expected)
  })

  const unusable: readonly { title: string; intercept: Intercept; fault: string }[] = [
    { title: 'no JSON', intercept: answering('ok'), fault: 'garbled' },
    { title: 'no UTF-8', intercept: answering(Buffer.from([0x22, 0xff, 0x22])), fault: 'garbled' },
    { title: 'too large an answer', intercept: answering(Buffer.alloc(65 * 1024 * 1024, 0x20)), fault: 'garbled' },
    {
      title: 'an answer that breaks off',
      intercept: (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"half":')
        setTimeout(() => response.socket?.destroy(), 20)
        return true
      },
      fault: 'unreachable',
    },
    { title: 'no answer', intercept: () => true, fault: 'unreachable' },
    {
      title: 'an answer that never ends',
      intercept: (_, response) => response.writeHead(200).write(' '),
      fault: 'unreachable',
    },
  ]
  test.for(unusable)('$title is an ApiUnreachableError', async ({ intercept, fault }) => {
    // What is to run out of time does so soon; what comes may take its time on a busy machine.
    const timeoutMs = fault === 'unreachable' ? 1_000 : 10_000
    await using api = await scriptedApi()
    api.intercept = intercept
    const error = await failure(api.client.request({ method: 'GET', path: '/version', timeoutMs }))
    expect(error).toMatchObject({ name: 'ApiUnreachableError', fault })
    api.intercept = answering('{}')
    expect(await get(api.client)).toEqual({})
  })

  test('ends when its signal or the client does', async () => {
    await using api = await scriptedApi()
    api.intercept = () => true
    const aborted = new AbortController()
    const first = failure(api.client.request({ method: 'GET', path: '/a', signal: aborted.signal }))
    const second = failure(api.client.request({ method: 'GET', path: '/b' }))
    await until('both are under way', () => api.asked.length === 2)
    aborted.abort()
    expect(await first).toMatchObject({ fault: 'unreachable', message: 'GET /a: given up' })
    api.client.close()
    expect(await second).toMatchObject({ message: 'GET /b: given up' })
  })

  test('a kept connection that the server has closed is no trouble for a question', async () => {
    await using api = await scriptedApi()
    let connections = 0
    api.intercept = (_, response, request) => {
      response.end('{}')
      connections += 1
      // Closed while the next request is on its way.
      request.socket.once('data', () => request.socket.destroy())
      return true
    }
    for (let count = 0; count < 5; count++) expect(await get(api.client)).toEqual({})
    expect(connections).toBe(5)
  })

  test('a server whose authority is another is not spoken to', async () => {
    await using api = await scriptedApi()
    await using directory = await temporaryDirectory('client')
    writeFileSync(join(directory.path, 'token'), 'secret-token')
    writeFileSync(join(directory.path, 'ca.crt'), '')
    const client = kubeClient({
      kubeconfigFile: undefined,
      environment: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(api.port) },
      serviceAccountDirectory: directory.path,
    })
    expect(await failure(get(client))).toMatchObject({ fault: 'unreachable' })
    expect(api.asked).toEqual([])
    client.close()
  })
})
