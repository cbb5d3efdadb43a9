import { expect, test } from 'vitest'
import { checksCounted, type Gateway, reachedApps, receivedAt, type Traits } from './gateway.ts'
import { sendRaw, statusOf } from './raw.ts'
import { createVisitor } from './visitor.ts'

/** Large requests and answers, and a Gatehouse that is gone; the last test ends it. Every proxy runs them. */
export function limits(gateway: () => Gateway, traits: Traits): void {
  test('hands over a long list of groups whole', async () => {
    const carol = createVisitor(gateway().port)
    const arrived = await carol.open('https://shop.example.com/groups', 'carol')
    expect(arrived.status).toBe(200)
    const [groups = ''] = receivedAt(gateway(), 'web', '/groups')[0]?.headers['x-auth-request-groups'] ?? []
    expect(groups.split(',')).toHaveLength(380)
    expect(groups.length).toBeGreaterThan(12_000)
  })

  test('hands over or refuses a list of groups beyond every buffer, and never a part of it', async () => {
    const dave = createVisitor(gateway().port)
    const arrived = await dave.open('https://shop.example.com/too-many', 'dave')
    const groups = receivedAt(gateway(), 'web', '/too-many').map((one) => one.headers['x-auth-request-groups']?.[0])
    if (traits.dialect === 'forward') {
      expect(groups[0]?.split(',')).toHaveLength(900)
    } else {
      expect(arrived.status).toBe(traits.unavailable)
      expect(groups).toEqual([])
      const counted = { reason: 'answer-too-large', dialect: traits.dialect }
      expect(await checksCounted(gateway(), counted)).toBeGreaterThan(0)
    }
  })

  test.for([
    [1, 7_000],
    [2, 6_500],
    [2, 10_000],
    [3, 7_000],
    [1, 20_000],
    [4, 16_000],
  ] as const)('hands over or refuses %i cookie lines of %i bytes, and never a part of them', async ([lines, bytes]) => {
    const alice = createVisitor(gateway().port)
    await alice.open('https://grafana.example.com/', 'alice')
    const credentials = [...alice.cookies('grafana.example.com')].map(([name, value]) => `${name}=${value}`).join('; ')
    const big = Array.from({ length: lines }, (_, index) => `big${index}=${'x'.repeat(bytes)}`)
    const path = `/cookies-${lines}-${bytes}`
    const answer = await sendRaw({
      port: gateway().port,
      servername: 'grafana.example.com',
      bytes: `GET ${path} HTTP/1.1\r\nHost: grafana.example.com\r\nAccept: text/html\r\nConnection: close\r\n${[
        credentials,
        ...big,
      ]
        .map((line) => `Cookie: ${line}\r\n`)
        .join('')}\r\n`,
    })
    const received = receivedAt(gateway(), 'grafana', path)
    if (lines * bytes < 14_000 || statusOf(answer) === 200) {
      expect(statusOf(answer)).toBe(200)
      expect(received[0]?.headers.cookie?.join('; ') === big.join('; '), 'the cookies arrive whole').toBe(true)
    } else {
      expect(statusOf(answer)).toBeGreaterThanOrEqual(400)
      expect(received).toEqual([])
    }
  })

  test('lets people log in whose app sets many cookies', async () => {
    const alice = createVisitor(gateway().port)
    for (let index = 0; index < 7; index += 1) {
      alice.setCookie('grafana.example.com', `app${index}`, 'x'.repeat(1_500))
    }
    expect((await alice.open('https://grafana.example.com/many', 'alice')).status).toBe(200)
  })

  test('refuses a request with very many headers', async () => {
    const before = reachedApps(gateway())
    const many = Array.from({ length: 3_000 }, (_, index) => `X-Many-${index}: 1\r\n`).join('')
    const answer = await sendRaw({
      port: gateway().port,
      servername: 'shop.example.com',
      bytes: `GET /public/many HTTP/1.1\r\nHost: shop.example.com\r\n${many}Connection: close\r\n\r\n`,
    })
    expect(statusOf(answer)).not.toBe(200)
    expect(reachedApps(gateway())).toBe(before)
  })

  test('is shut to everybody while Gatehouse does not run', async () => {
    const alice = createVisitor(gateway().port)
    await alice.open('https://grafana.example.com/', 'alice')
    const cookies = new Map(alice.cookies('grafana.example.com'))
    const before = reachedApps(gateway())
    await gateway().world.stopGatehouse()
    for (const url of ['https://grafana.example.com/after', 'https://shop.example.com/public/after']) {
      const answer = await alice.ask(url)
      expect(answer.status).toBe(traits.closed)
      if (traits.closed === 503) expect(answer.headers['retry-after']).toBe('5')
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect(reachedApps(gateway())).toBe(before)
    expect(alice.cookies('grafana.example.com')).toEqual(cookies)
  })
}
