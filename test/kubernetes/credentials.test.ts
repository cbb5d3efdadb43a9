import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type KubeClient, kubeClient } from '../../src/kubernetes/client.ts'
import { testCertificate } from '../parts/certificate.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { freePort } from '../parts/port.ts'
import { answering, failure, get } from './asking.ts'
import { type ScriptedApi, scriptedApi, status } from './scripted-api.ts'

describe('credentials of a pod', () => {
  test('are read for each request, and again when the server refuses them', async () => {
    await using api = await scriptedApi()
    api.intercept = answering('{}')
    await get(api.client)
    writeFileSync(api.tokenFile, 'second-token')
    await get(api.client)
    api.intercept = ({ authorization }, response) => {
      if (authorization === 'Bearer third-token') response.end('{}')
      else {
        writeFileSync(api.tokenFile, 'third-token')
        status(response, 401)
      }
      return true
    }
    await get(api.client)
    expect(api.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer first-token',
      'Bearer second-token',
      'Bearer second-token',
      'Bearer third-token',
    ])
  })

  test('that are refused again are tried no more', async () => {
    await using api = await scriptedApi()
    api.intercept = (_, response) => status(response, 401)
    expect(await failure(get(api.client))).toMatchObject({ status: 401 })
    expect(api.asked).toHaveLength(2)
  })

  test('that are missing are said to be', async () => {
    const client = kubeClient({
      kubeconfigFile: undefined,
      environment: { KUBERNETES_SERVICE_HOST: '::1', KUBERNETES_SERVICE_PORT: '443' },
      serviceAccountDirectory: '/nonexistent',
    })
    expect(await failure(get(client))).toMatchObject({
      fault: 'unreachable',
      message: expect.stringContaining('ENOENT'),
    })
  })
})

describe('a kubeconfig', () => {
  async function withKubeconfig(
    user: (directory: string) => object,
    body: (client: KubeClient, api: ScriptedApi, directory: string) => Promise<void>,
    asDefault = false,
  ): Promise<void> {
    await using api = await scriptedApi()
    api.intercept = answering('{}')
    await using directory = await temporaryDirectory('client')
    const file = join(directory.path, 'config.yaml')
    const cluster = { server: `https://127.0.0.1:${api.port}/`, 'certificate-authority': testCertificate.authorityFile }
    writeFileSync(
      file,
      JSON.stringify({
        clusters: [{ name: 'here', cluster }],
        users: [{ name: 'me', user: user(directory.path) }],
        contexts: [{ name: 'it', context: { cluster: 'here', user: 'me' } }],
        'current-context': 'it',
      }),
    )
    const environment = asDefault ? { KUBECONFIG: file } : {}
    const client = kubeClient({ kubeconfigFile: asDefault ? undefined : file, environment })
    await body(client, api, directory.path)
    client.close()
  }

  test.for([true, false])('with a token (default: %s)', async (asDefault) => {
    await withKubeconfig(
      () => ({ token: 'of-the-file' }),
      async (client, api) => {
        await get(client)
        expect(api.asked).toMatchObject([{ path: '/version', authorization: 'Bearer of-the-file' }])
      },
      asDefault,
    )
  })

  test('with a file of a token, relative to it, read each time', async () => {
    await withKubeconfig(
      (directory) => {
        writeFileSync(join(directory, 'token'), 'first\n')
        return { tokenFile: 'token' }
      },
      async (client, api, directory) => {
        await get(client)
        writeFileSync(join(directory, 'token'), 'second\n')
        await get(client)
        expect(api.asked.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer second'])
      },
    )
  })

  test('with a program that gives tokens, asked again when the server refuses one', async () => {
    await withKubeconfig(
      (directory) => {
        const command = join(directory, 'plugin')
        const credential = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'
        writeFileSync(
          command,
          `#!/bin/sh\necho x >> ${directory}/calls\nprintf '%s' '${credential}'$(wc -l < ${directory}/calls)'"}}'\n`,
        )
        chmodSync(command, 0o755)
        return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' } }
      },
      async (client, api) => {
        await get(client)
        await get(client)
        api.intercept = ({ authorization }, response) => {
          if (authorization === 'Bearer 2') response.end('{}')
          else status(response, 401)
          return true
        }
        await get(client)
        expect(api.asked.map(({ authorization }) => authorization)).toEqual([
          'Bearer 1',
          'Bearer 1',
          'Bearer 1',
          'Bearer 2',
        ])
      },
    )
  })

  test('with a program that hangs: the request ends in time', async () => {
    await withKubeconfig(
      () => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['5'] } }),
      async (client) => {
        const error = await failure(client.request({ method: 'GET', path: '/version', timeoutMs: 500 }))
        expect(error.message).toBe('GET /version: no answer within 500 ms')
      },
    )
  })

  test('that is missing is read as soon as it is there', async () => {
    await using directory = await temporaryDirectory('client')
    const file = join(directory.path, 'config')
    const client = kubeClient({ kubeconfigFile: file })
    expect(await failure(get(client))).toMatchObject({ message: expect.stringContaining('ENOENT') })
    writeFileSync(file, '{}')
    expect(await failure(get(client))).toMatchObject({ message: expect.stringContaining('names no cluster') })
  })

  test('for plain http is used on this machine alone', async () => {
    await using directory = await temporaryDirectory('client')
    const messages: string[] = []
    for (const server of [`http://127.0.0.1:${await freePort()}`, 'http://192.0.2.1']) {
      const file = join(directory.path, 'config')
      writeFileSync(
        file,
        JSON.stringify({
          clusters: [{ name: 'here', cluster: { server } }],
          users: [{ name: 'me', user: { token: 'x' } }],
          contexts: [{ name: 'it', context: { cluster: 'here', user: 'me' } }],
          'current-context': 'it',
        }),
      )
      messages.push((await failure(get(kubeClient({ kubeconfigFile: file })))).message)
    }
    expect(messages).toEqual([expect.stringContaining('ECONNREFUSED'), expect.stringContaining('HTTP protocol')])
  })
})
