import { Agent, request } from 'node:http'

/** A request to a port of 127.0.0.1, whatever host it names. */
export interface Asking {
  readonly port: number
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs?: number
}

export interface Answered {
  readonly status: number
  readonly location: string | undefined
  readonly setCookies: readonly string[]
  /** What an app is told of the person's groups. */
  readonly groups: string | undefined
  readonly body: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 200 })

/** Asks and reads the whole answer; redirects are not followed. Rejects if there is none in time. */
export function exchange({
  port,
  path,
  method = 'GET',
  headers = {},
  body,
  timeoutMs = 5_000,
}: Asking): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('error', reject)
    answer.on('end', () =>
      resolve({
        status: answer.statusCode ?? 0,
        location: answer.headers.location,
        groups: [answer.headers['x-auth-request-groups']].flat()[0],
        setCookies: answer.headers['set-cookie'] ?? [],
        body: Buffer.concat(chunks).toString(),
      }),
    )
  })
  const late = setTimeout(
    () => sent.destroy(new Error(`${method} ${path} had no answer in ${timeoutMs} ms`)),
    timeoutMs,
  )
  sent.on('error', reject)
  sent.end(body)
  return promise.finally(() => clearTimeout(late))
}
