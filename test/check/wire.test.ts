import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OUR_HEADERS } from '../../src/check/headers.ts'
import hosts from '../policy/vectors/hosts.json' with { type: 'json' }
import paths from '../policy/vectors/paths.json' with { type: 'json' }
import {
  type ClientRequest,
  checkUrl,
  DIALECTS,
  type DialectName,
  type Headers,
  NAVIGATION,
  proxyHeaders,
  TRUSTED,
} from './calls.ts'
import { requestText, startWire, type Wire, type WireAnswer } from './wire.ts'
import { createWorld, type SignedIn, type World, wiki } from './world.ts'

let world: World
let wire: Wire
let ada: SignedIn

beforeAll(async () => {
  world = createWorld()
  wire = await startWire(world)
  ada = await world.signIn(wiki)
})
afterAll(() => wire.close())

let decisionsBefore = 0
beforeEach(() => {
  decisionsBefore = world.decisions().length
})

/** What has been decided in this test, in order. */
function said(): string[] {
  return world
    .decisions()
    .slice(decisionsBefore)
    .map(({ outcome, reason }) => `${outcome} ${reason}`)
}

/** What the latest check was decided to be. */
function lastSaid(): string | undefined {
  return said().at(-1)
}

const OPEN = 'open.example.com'

/** Whatever is answered with 2xx has every header that the application (one that asks for all of them) configures. */
function expectWhole(answers: readonly WireAnswer[]): void {
  for (const { status, headers } of answers) {
    if (status < 200 || status > 299) continue
    const names = headers.map(([name]) => name)
    for (const name of OUR_HEADERS)
      expect(names.filter((one) => one === name.toLowerCase())).toEqual([name.toLowerCase()])
  }
}

async function exchange(sent: string | Buffer, options?: Parameters<Wire['exchange']>[1]): Promise<WireAnswer[]> {
  const answers = await wire.exchange(sent, options)
  expectWhole(answers)
  return answers
}

/** The one answer to these headers beside, or instead of, those that the proxy sets. */
async function ask(
  dialect: DialectName,
  request: ClientRequest,
  { headers = [] as Headers, proxy = proxyHeaders(dialect, request) } = {},
): Promise<WireAnswer> {
  const answers = await exchange(
    requestText(checkUrl(dialect, request), [...proxy, ...headers, ...(request.headers ?? NAVIGATION)]),
  )
  expect(answers).toHaveLength(1)
  const [answer] = answers
  if (answer === undefined) throw new Error('no answer')
  return answer
}

/** Refused, as the log and the metric say too. */
async function expectRefused(answer: WireAnswer, reason: string): Promise<void> {
  expect([answer.status, lastSaid()]).toEqual([403, `forbid ${reason}`])
  expect(answer.header('cache-control')).toBe('no-store')
  expect(answer.header('location')).toBeUndefined()
  expect(await world.seen.samples()).toContainEqual(
    expect.stringMatching(new RegExp(`^gatehouse_checks_total\\{.*reason="${reason}"`)),
  )
}

const trusted = DIALECTS.flatMap((dialect) => TRUSTED[dialect].map((name) => ({ dialect, name })))
const isAddress = (name: string) => name === 'X-Real-IP' || name === 'X-Forwarded-For'

describe.each(trusted)('in the dialect $dialect, the header $name', ({ dialect, name }) => {
  const request: ClientRequest = { host: OPEN }
  const proxy = proxyHeaders(dialect, request)
  const own = proxy.find(([one]) => one === name)?.[1] ?? ''

  test('counts in any letter case', async () => {
    for (const spelling of [name.toLowerCase(), name.toUpperCase()]) {
      const renamed = proxy.map(([one, value]) => [one === name ? spelling : one, value] as const)
      expect((await ask(dialect, request, { proxy: renamed })).status).toBe(200)
    }
  })

  test.each([
    ['the same', own, name],
    ['another', 'other', name],
    ['an empty one', '', name],
    ['the same in other letters', own, name.toLowerCase()],
  ])('is refused twice: %s', async (_, value, spelling) => {
    await expectRefused(await ask(dialect, request, { headers: [[spelling, value]] }), 'request-field-doubled')
    await expectRefused(await ask(dialect, request, { proxy: [[spelling, value], ...proxy] }), 'request-field-doubled')
  })

  test.each(['_', '.'])('is refused with a twin written with %s', async (mark) => {
    for (const twin of [
      name.replaceAll('-', mark),
      name.replace('-', mark),
      name.toLowerCase().replaceAll('-', mark),
    ]) {
      await expectRefused(await ask(dialect, request, { headers: [[twin, own]] }), 'request-field-aliased')
      const alone = proxy.map(([one, value]) => [one === name ? twin : one, value] as const)
      await expectRefused(await ask(dialect, request, { proxy: alone }), 'request-field-aliased')
    }
  })

  test('is never made up where it is missing or empty', async () => {
    for (const less of [
      proxy.filter(([one]) => one !== name),
      proxy.map(([one, value]) => [one, one === name ? '' : value] as const),
    ]) {
      const answer = await ask(dialect, request, { proxy: less })
      if (isAddress(name)) {
        expect(answer.status).toBe(200)
        expect(world.decisions().at(-1)).not.toHaveProperty('clientAddress')
      } else await expectRefused(answer, 'request-incomplete')
    }
  })

  test('is read with no byte beyond ASCII', async () => {
    for (const byte of ['\x80', '\xa0', '\xc3\xa9', '\xff']) {
      for (const value of [own + byte, byte + own, byte]) {
        const odd = proxy.map(([one, before]) => [one, one === name ? value : before] as const)
        const answer = await ask(dialect, request, { proxy: odd })
        if (isAddress(name)) {
          expect(answer.status).toBe(200)
          expect(world.decisions().at(-1)).not.toHaveProperty('clientAddress')
        } else {
          const reason = { Method: 'request-method-invalid', Host: 'request-host-invalid' }[name.split('-')[2] ?? '']
          await expectRefused(answer, reason ?? 'request-path-invalid')
        }
      }
    }
  })
})

describe('in the dialect ingress-nginx, the query', () => {
  const ok = 'm=GET&h=open.example.com&u=%2F'

  test.each<[string, string, string]>([
    ['is missing', '', 'request-field-doubled'],
    ['is not there', 'none', 'request-field-doubled'],
    ['names no method', 'h=open.example.com&u=%2F', 'request-incomplete'],
    ['names no host', 'm=GET&u=%2F', 'request-incomplete'],
    ['names no target', 'm=GET&h=open.example.com', 'request-incomplete'],
    ['has an empty method', 'm=&h=open.example.com&u=%2F', 'request-incomplete'],
    ['has an empty host', 'm=GET&h=&u=%2F', 'request-incomplete'],
    ['has an empty target', 'm=GET&h=open.example.com&u=', 'request-incomplete'],
    ['has the method twice', `${ok}&m=GET`, 'request-field-doubled'],
    ['has the host twice', `${ok}&h=open.example.com`, 'request-field-doubled'],
    ['has the target twice', `${ok}&u=%2F`, 'request-field-doubled'],
    ['has a host that brings its own target', 'm=GET&h=wiki.example.com&u=%2F&u=%2Fsecret', 'request-field-doubled'],
    ['has something else', `${ok}&x=1`, 'request-field-doubled'],
    ['has something without a value', `${ok}&x`, 'request-field-doubled'],
    ['ends in an ampersand', `${ok}&`, 'request-field-doubled'],
    ['has names in capitals', 'M=GET&H=open.example.com&U=%2F', 'request-field-doubled'],
    ['has an encoded name', '%6d=GET&h=open.example.com&u=%2F', 'request-field-doubled'],
    ['was not filled in', 'm=$request_method&h=$host&u=$escaped_request_uri', 'annotations-unsupported'],
    ['was filled in by half', 'm=GET&h=open.example.com&u=$escaped_request_uri', 'annotations-unsupported'],
    ['has a dollar anywhere', `${ok}%2F$`, 'annotations-unsupported'],
    ['has an encoded method', 'm=%47ET&h=open.example.com&u=%2F', 'request-method-invalid'],
    ['has a method in small letters', 'm=get&h=open.example.com&u=%2F', 'request-method-invalid'],
    ['has an encoded host', 'm=GET&h=open%2Eexample.com&u=%2F', 'request-host-invalid'],
    ['has a host with a fragment', 'm=GET&h=open.example.com#&u=%2F', 'request-host-invalid'],
    ['has a host with a user', 'm=GET&h=x@open.example.com&u=%2F', 'request-host-invalid'],
    ['has a list of hosts', 'm=GET&h=open.example.com,x&u=%2F', 'request-host-invalid'],
    ['has a bad escape', 'm=GET&h=open.example.com&u=%2F%zz', 'request-path-invalid'],
    ['has half an escape', 'm=GET&h=open.example.com&u=%2F%', 'request-path-invalid'],
    ['has a target of raw bytes', 'm=GET&h=open.example.com&u=%2F%FF', 'request-path-invalid'],
    ['has an encoded NUL', 'm=GET&h=open.example.com&u=%2F%00', 'request-path-invalid'],
    ['has an encoded line end', 'm=GET&h=open.example.com&u=%2F%0D%0AX', 'request-path-invalid'],
    ['has a target that is no path', 'm=GET&h=open.example.com&u=http%3A%2F%2Fx%2F', 'request-path-invalid'],
    ['has two question marks', `?${ok}`, 'request-field-doubled'],
  ])('is refused if it %s', async (_, query, reason) => {
    const url = query === 'none' ? '/ingress-nginx/host' : `/ingress-nginx/host?${query}`
    const [answer] = await exchange(requestText(url, NAVIGATION))
    if (answer === undefined) throw new Error('no answer')
    await expectRefused(answer, reason)
  })

  test('is read in any order, its target decoded once', async () => {
    const [answer] = await exchange(
      requestText('/ingress-nginx/host?u=%2Fa%2520b%3Fq%3D%2526&h=open.example.com&m=GET', []),
    )
    expect(answer?.status).toBe(200)
    expect(world.decisions().at(-1)).toMatchObject({ path: '/a%20b', host: OPEN })
  })
})

const OVERRIDES: Headers = [
  ['X-Original-URL', 'https://open.example.com/'],
  ['X-Original-URI', '/public'],
  ['X-Original-Host', OPEN],
  ['X-Original-Method', 'OPTIONS'],
  ['X-Forwarded-Uri', '/public'],
  ['X-Forwarded-Host', OPEN],
  ['X-Forwarded-Method', 'OPTIONS'],
  ['X-Forwarded-For', '127.0.0.1'],
  ['X-Forwarded-Proto', 'http'],
  ['X-Forwarded-Port', '1'],
  ['X-Forwarded-Prefix', '/.gatehouse'],
  ['X-Forwarded-Path', '/public'],
  ['X-Forwarded-Server', OPEN],
  ['X-Real-IP', '127.0.0.1'],
  ['Forwarded', 'for=127.0.0.1;host=open.example.com'],
  ['X-Rewrite-URL', '/public'],
  ['X-Override-URL', '/public'],
  ['X-HTTP-DestinationURL', 'https://open.example.com/'],
  ['X-Proxy-Url', 'https://open.example.com/'],
  ['X-HTTP-Method-Override', 'GET'],
  ['X-Method-Override', 'GET'],
  ['X-Scheme', 'http'],
  ['X-Host', OPEN],
  ['X-Envoy-Original-Path', '/public'],
  ['X-Auth-Request-Redirect', '/public'],
  ['X-Sent-From', 'nginx-ingress-controller'],
  ['ssl-client-verify', 'SUCCESS'],
  ['ssl-client-subject-dn', 'CN=admin'],
  ['X-Forwarded-Client-Cert', 'Subject="CN=admin"'],
  ['Referer', 'https://open.example.com/public'],
  ['User-Agent', 'kube-probe/1.36'],
  ['Authorization', 'Basic YWRtaW46YWRtaW4='],
  ['Cf-Access-Jwt-Assertion', 'x'],
  ['X-Auth-Request-User', 'admin'],
  ['X-Auth-Request-Email', 'admin@example.com'],
  ['X-Auth-Request-Groups', 'admins'],
  ['Gatehouse-Jwt-Assertion', 'x'],
]

describe.each(DIALECTS)('in the dialect %s, headers that are not its own', (dialect) => {
  const foreign = OVERRIDES.filter(([name]) => !TRUSTED[dialect].includes(name))

  test.each(foreign)('change nothing: %s: %s', async (name, value) => {
    const request: ClientRequest = { host: 'wiki.example.com', target: '/a?b' }
    const cookie: Headers = [['Cookie', ada.cookie]]
    for (const more of [[], cookie]) {
      const before = await ask(dialect, request, { headers: more })
      const told = world.decisions().at(-1)
      const after = await ask(dialect, request, { headers: [...more, [name, value]] })
      expect([after.status, ownHeaders(after), after.body]).toEqual([before.status, ownHeaders(before), before.body])
      expect(world.decisions().at(-1)).toEqual(told)
    }
  })

  test('change nothing all together, before or behind the proxy’s', async () => {
    const request: ClientRequest = { host: 'wiki.example.com', headers: [['Cookie', ada.cookie]] }
    const proxy = proxyHeaders(dialect, request)
    for (const all of [
      [...foreign, ...proxy],
      [...proxy, ...foreign],
    ]) {
      const answer = await ask(dialect, request, { proxy: all })
      expect(answer.status).toBe(200)
      expect(answer.header('x-auth-request-email')).toBe('ada@example.com')
      expect(answer.header('x-auth-request-groups')).toBe('engineering')
    }
  })

  test.each(OUR_HEADERS.filter((name) => name.includes('-')))('are refused as twins of %s', async (name) => {
    for (const mark of ['_', '.']) {
      const twin = name.replaceAll('-', mark)
      await expectRefused(await ask(dialect, { host: OPEN }, { headers: [[twin, 'admin']] }), 'request-field-aliased')
    }
  })

  test('are refused as twins of Gatehouse-Token, which itself may stand there once', async () => {
    const request = { host: OPEN }
    for (const twin of ['Gatehouse_Token', 'Gatehouse.Token', 'gatehouse_token']) {
      await expectRefused(await ask(dialect, request, { headers: [[twin, 'x']] }), 'request-field-aliased')
    }
    const twice: Headers = [
      ['Gatehouse-Token', 'x'],
      ['gatehouse-token', 'x'],
    ]
    await expectRefused(await ask(dialect, request, { headers: twice }), 'request-field-doubled')
  })
})

/** All headers but those that Node adds. */
function ownHeaders({ headers }: WireAnswer): (readonly [string, string])[] {
  return headers.filter(([name]) => name !== 'date')
}

describe.each(DIALECTS)('in the dialect %s, every host and path that is refused', (dialect) => {
  test.each(hosts.refused)('is 403: $title ($text)', async ({ text }) => {
    // Without spaces at its ends, which are none of a header's value.
    if (text.trim() !== text) return
    const answer = await askBytes({ host: utf8(text) })
    if (answer.status === 400) expect(said()).toEqual([])
    else await expectRefused(answer, hostReason(text))
  })

  test.each(paths.refused)('is 403: $title ($target)', async ({ target, reason }) => {
    if (dialect !== 'ingress-nginx' && target.trim() !== target) return
    const answer = await askBytes({ host: OPEN, target: utf8(target) })
    if (answer.status === 400) expect(said()).toEqual([])
    else await expectRefused(answer, target === '' ? 'request-incomplete' : reason)
  })

  async function askBytes(request: ClientRequest): Promise<WireAnswer> {
    const answers = await exchange(
      requestText(checkUrl(dialect, request), [...proxyHeaders(dialect, request), ...NAVIGATION]),
    )
    expect(answers).toHaveLength(1)
    return answers[0] as WireAnswer
  }

  function hostReason(text: string): string {
    if (dialect === 'ingress-nginx') {
      if (text.includes('$')) return 'annotations-unsupported'
      if (text.includes('&')) return 'request-field-doubled'
    }
    return text === '' ? 'request-incomplete' : 'request-host-invalid'
  }
})

function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}

describe('a check with much in it', () => {
  const request = { host: OPEN }
  const proxy = proxyHeaders('forward', request)
  const many = (count: number): Headers => Array.from({ length: count }, (_, index) => [`h${index}`, ''] as const)

  test('is answered with 200 headers, and refused with one more', async () => {
    const others = proxy.length + 2
    const text = (count: number) => requestText('/forward/host', [...many(count - others), ...proxy])
    expect((await exchange(text(200)))[0]?.status).toBe(200)
    const [answer] = await exchange(text(201))
    if (answer === undefined) throw new Error('no answer')
    await expectRefused(answer, 'request-too-many-headers')
  })

  test.each([1010, 2001, 3000])('is refused with %d headers, none of which is dropped unread', async (count) => {
    for (const headers of [
      [...many(count), ...proxy],
      [...proxy, ...many(count)],
    ]) {
      const [answer] = await exchange(requestText('/forward/host', headers))
      if (answer === undefined) throw new Error('no answer')
      await expectRefused(answer, 'request-too-many-headers')
    }
  })

  test.each([4, 20, 50])('is answered with %d kB of cookies', async (kilobytes) => {
    const cookies = Array.from({ length: kilobytes }, (_, index) => `c${index}=${'x'.repeat(990)}`).join('; ')
    const wanted = { host: 'wiki.example.com', headers: [['Cookie', `${cookies}; ${ada.cookie}`] as const] }
    const answer = await ask('forward', wanted)
    expect([answer.status, answer.header('cookie')]).toEqual([200, cookies])
  })

  test('is answered with cookies on 100 lines, and one of ours among them', async () => {
    const lines: Headers = Array.from(
      { length: 100 },
      (_, index) => ['cookie', index === 50 ? ada.cookie : `c${index}=1`] as const,
    )
    const answer = await ask('forward', { host: 'wiki.example.com', headers: lines })
    expect(answer.status).toBe(200)
    expect(answer.header('cookie')?.split('; ')).toHaveLength(99)
  })

  test('is cut off with 431 above 64 KiB, whatever of it came first', async () => {
    for (const headers of [
      [...proxy, ['Cookie', 'x'.repeat(70_000)]],
      [['Cookie', 'x'.repeat(70_000)], ...proxy],
    ] as Headers[]) {
      const answers = await exchange(requestText('/forward/host', headers))
      expect(answers.map(({ status }) => status)).toEqual([431])
    }
    const answers = await exchange(`GET /forward/host?${'x'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(answers.map(({ status }) => status)).toEqual([431])
    expect(said()).toEqual([])
  })
})

describe('a cookie line', () => {
  test('comes back byte for byte, or is no HTTP at all', async () => {
    for (let byte = 0; byte < 256; byte++) {
      const sent = `a=x${String.fromCharCode(byte)}y; b=${String.fromCharCode(byte)}`
      const wanted = { host: 'wiki.example.com', headers: [['Cookie', `${ada.cookie}; ${sent}`] as const] }
      const answers = await exchange(
        requestText('/forward/host', [...proxyHeaders('forward', wanted), ...wanted.headers]),
      )
      const statuses = answers.map(({ status }) => status)
      if (statuses[0] === 400) expect([byte, statuses]).toEqual([byte, [400]])
      else {
        expect([byte, statuses]).toEqual([byte, [200]])
        expect(answers[0]?.header('cookie')).toBe(byte === 0x3b ? 'a=x; y; b=' : sent.replace(/[ \t]$/, ''))
      }
    }
  })
})

describe('on one connection', () => {
  const forward = (host: string, options: Parameters<typeof requestText>[2] = {}, headers: Headers = []) =>
    requestText('/forward/host', [...proxyHeaders('forward', { host }), ...NAVIGATION, ...headers], options)

  test('two checks sent at once are answered in order, each by itself', async () => {
    const cold = createWorld()
    const other = await startWire(cold)
    const { cookie } = await cold.signIn(wiki)
    try {
      const answers = await other.exchange(
        forward('wiki.example.com', { isLast: false }, [['Cookie', cookie]]) +
          forward('unknown.example.com', { isLast: false }) +
          forward(OPEN, { isLast: false }) +
          forward('wiki.example.com'),
      )
      expect(answers.map(({ status }) => status)).toEqual([200, 403, 200, 302])
      expect(answers[0]?.header('x-auth-request-email')).toBe('ada@example.com')
      expect(answers[2]?.header('x-auth-request-email')).toBe('')
    } finally {
      await other.close()
    }
  })

  test('a body is drained unread, and the next check is answered', async () => {
    for (const [headers, body] of [
      [[['Content-Length', '11']], 'hello world'],
      [[['Transfer-Encoding', 'chunked']], 'b\r\nhello world\r\n0\r\n\r\n'],
      [[['Transfer-Encoding', 'chunked']], 'b;x=y\r\nhello world\r\n0\r\nTrailer: x\r\n\r\n'],
      [[['Content-Length', '200000']], 'x'.repeat(200_000)],
      [[['Content-Length', '0']], ''],
    ] as const) {
      for (const method of ['GET', 'POST']) {
        const answers = await exchange(
          forward(OPEN, { method, body, isLast: false }, headers) + forward('unknown.example.com'),
        )
        expect(answers.map(({ status }) => status)).toEqual([200, 403])
      }
    }
  })

  test('a check that stands inside a body is never answered', async () => {
    const inner = forward('wiki.example.com', {}, [['Cookie', ada.cookie]])
    const answers = await exchange(
      forward(OPEN, { body: inner, isLast: false }, [['Content-Length', String(inner.length)]]) +
        forward('unknown.example.com'),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 403])
  })

  test('a client that waits for 100 gets it, and then one answer', async () => {
    const answers = await exchange(
      forward(OPEN, { body: 'hello' }, [
        ['Content-Length', '5'],
        ['Expect', '100-continue'],
      ]),
    )
    expect(answers.map(({ status }) => status)).toEqual([100, 200])
  })

  test('a client that expects anything else expects it of the app', async () => {
    const answers = await exchange(forward(OPEN, {}, [['Expect', '200-ok']]))
    expect(answers.map(({ status }) => status)).toEqual([200])
  })

  const inner = forward('wiki.example.com', {}, [['Cookie', 'x']])
  const chunked = '0\r\n\r\n'
  test.each<[string, Headers, string]>([
    [
      'both lengths',
      [
        ['Content-Length', '5'],
        ['Transfer-Encoding', 'chunked'],
      ],
      chunked + inner,
    ],
    [
      'both lengths the other way round',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', '5'],
      ],
      chunked + inner,
    ],
    [
      'two lengths',
      [
        ['Content-Length', '0'],
        ['Content-Length', '5'],
      ],
      inner,
    ],
    ['a list of lengths', [['Content-Length', '5, 5']], inner],
    ['a negative length', [['Content-Length', '-1']], inner],
    ['a length with a sign', [['Content-Length', '+5']], inner],
    ['a length in hexadecimal', [['Content-Length', '0x5']], inner],
    ['a length that overflows', [['Content-Length', '99999999999999999999']], inner],
    ['a coding behind chunked', [['Transfer-Encoding', 'chunked, identity']], chunked + inner],
    [
      'chunked twice',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Transfer-Encoding', 'chunked'],
      ],
      chunked + inner,
    ],
    ['a coding with a tab', [['Transfer-Encoding', '\x0bchunked']], chunked + inner],
  ])('what could be read as one request or two is nobody’s: %s', async (_, headers, body) => {
    const answers = await exchange(forward(OPEN, { method: 'POST', body, isLast: false }, headers))
    expect(answers.map(({ status }) => status)).toEqual([400])
    expect(said()).toEqual([])
  })

  test.each<[string, Headers, string]>([
    ['an unknown coding', [['Transfer-Encoding', 'xchunked']], chunked + inner],
    ['a bad chunk', [['Transfer-Encoding', 'chunked']], `zz\r\n\r\n${inner}`],
    ['a chunk that ends wrongly', [['Transfer-Encoding', 'chunked']], `1\r\nxx\r\n0\r\n\r\n${inner}`],
    ['a chunk size with a bare LF', [['Transfer-Encoding', 'chunked']], `1\nx\r\n0\r\n\r\n${inner}`],
  ])('a check whose body cannot be read is the last one there: %s', async (_, headers, body) => {
    const answers = await exchange(forward(OPEN, { method: 'POST', body, isLast: false }, headers))
    expect(answers[0]?.status).toBe(200)
    expect(answers.slice(1).filter(({ status }) => status !== 400)).toEqual([])
    expect(said()).toEqual(['allow policy-bypasses'])
  })
})

describe('a request that is no sound HTTP', () => {
  const proxy = 'X-Forwarded-Method: GET\r\nX-Forwarded-Host: open.example.com\r\nX-Forwarded-Uri: /\r\n'

  test.each<[string, string]>([
    ['a bare LF between headers', `GET /forward/host HTTP/1.1\r\nHost: x\n${proxy}\r\n`],
    ['bare LFs alone', `GET /forward/host HTTP/1.1\nHost: x\n${proxy.replaceAll('\r', '')}\n`],
    ['a bare CR', `GET /forward/host HTTP/1.1\r\nHost: x\rX: y\r\n${proxy}\r\n`],
    ['a folded header', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X: a\r\n b\r\n\r\n`],
    [
      'a folded header that matters',
      `GET /forward/host HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host:\r\n open.example.com\r\n\r\n`,
    ],
    ['NUL in a value', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X: a\0b\r\n\r\n`],
    ['NUL in a name', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X\0: a\r\n\r\n`],
    ['DEL in a value', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X: a\x7f\r\n\r\n`],
    ['a space before the colon', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X : a\r\n\r\n`],
    [
      'a space before the colon of a header that matters',
      `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy.replace('Host:', 'Host :')}\r\n`,
    ],
    ['a header without a name', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}: a\r\n\r\n`],
    ['a header without a colon', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X\r\n\r\n`],
    ['a name beyond ASCII', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X\xe9: a\r\n\r\n`],
    ['a name with a slash', `GET /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}X/Y: a\r\n\r\n`],
    ['no host', `GET /forward/host HTTP/1.1\r\n${proxy}\r\n`],
    ['a space in the target', `GET /forward/host x HTTP/1.1\r\nHost: x\r\n${proxy}\r\n`],
    ['no target', `GET HTTP/1.1\r\nHost: x\r\n${proxy}\r\n`],
    ['an unknown method', `GETT /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}\r\n`],
    ['a method in small letters', `get /forward/host HTTP/1.1\r\nHost: x\r\n${proxy}\r\n`],
    ['a version that is not there', `GET /forward/host HTTP/9.9\r\nHost: x\r\n${proxy}\r\n`],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'],
    ['a relative target', `GET forward/host HTTP/1.1\r\nHost: x\r\n${proxy}\r\n`],
    ['NUL in the target', `GET /forward/host\0 HTTP/1.1\r\nHost: x\r\n${proxy}\r\n`],
  ])('is 400 and nobody’s: %s', async (_, sent) => {
    const answers = await exchange(sent)
    expect(answers.map(({ status }) => status)).toEqual([400])
    expect(said()).toEqual([])
  })

  test('that asks for a tunnel is closed unanswered', async () => {
    expect(await exchange('CONNECT open.example.com:443 HTTP/1.1\r\nHost: open.example.com:443\r\n\r\n')).toEqual([])
  })
})

describe('every path is a check, and nothing else', () => {
  test.each([
    '/',
    '//',
    '///',
    '*',
    '/healthz',
    '/livez',
    '/readyz',
    '/metrics',
    '/favicon.ico',
    '/.gatehouse/login',
    '/.well-known/jwks.json',
    '/login',
    '/forward',
    '/forward/',
    '/forward/host/',
    '/forward/host/..',
    '/forward/host/../host',
    '/forward/./host',
    '//forward/host',
    '/forward//host',
    '/forward/host;x',
    '/forward/host%00',
    '/forward/host%3F',
    '/forward%2Fhost',
    '/FORWARD/host',
    '/forward/HOST',
    '/Forward/host',
    '/traefik/host',
    '/envoy/host',
    '/__proto__/host',
    '/constructor/host',
    '/-/host',
    '/forward/app',
    '/forward/app/',
    '/forward/app/team',
    '/forward/app/team/',
    '/forward/app//open',
    '/forward/app/team/open/',
    '/forward/app/team/open/x',
    '/forward/app/TEAM/open',
    '/forward/app/team%2Fopen',
    '/forward/hosts',
    '/x/forward/host',
    'http://gatehouse:8181/forward/host',
    'http://open.example.com/',
    'https://user:password@open.example.com/forward/host',
    'file:///forward/host',
    '/\\forward/host',
    '/forward/host#x',
    '/forward/h\xf6st',
  ])('%s is refused', async (url) => {
    const answers = await exchange(requestText(url, [...proxyHeaders('forward', { host: OPEN }), ...NAVIGATION]))
    expect(answers).toHaveLength(1)
    const [answer] = answers as [WireAnswer]
    if (answer.status !== 400) await expectRefused(answer, 'dialect-unknown')
  })

  test.each([
    '/forward/app/team/..',
    '/forward/app/../team',
    '/forward/app/__proto__/x'.replaceAll('_', 'a'),
    '/forward/app/team/other',
  ])('%s names no application', async (url) => {
    const [answer] = await exchange(requestText(url, [...proxyHeaders('forward', { host: OPEN }), ...NAVIGATION]))
    if (answer === undefined) throw new Error('no answer')
    await expectRefused(answer, 'application-unknown')
  })

  test.each(['/forward/host?', '/forward/host?x', '/forward/host?m=GET&h=wiki.example.com&u=%2F', '/nginx/host?$'])(
    'a query says nothing to a dialect that reads none: %s',
    async (url) => {
      const dialect = url.startsWith('/nginx') ? 'nginx' : 'forward'
      const answers = await exchange(requestText(url, proxyHeaders(dialect, { host: OPEN })))
      expect(answers.map(({ status }) => status)).toEqual([200])
    },
  )
})

describe('any kind of call', () => {
  const headers = [...proxyHeaders('forward', { host: OPEN }), ...NAVIGATION]

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY'])(
    'is the same check with the method %s, for what counts is what the proxy says',
    async (method) => {
      const answers = await exchange(requestText('/forward/host', headers, { method }), { isHead: method === 'HEAD' })
      expect(answers.map(({ status }) => status)).toEqual([200])
      expect(world.decisions().at(-1)).toMatchObject({ method: 'GET' })
    },
  )

  test('by HEAD has no body, and the length that GET would have', async () => {
    const denied = [...proxyHeaders('forward', { host: 'unknown.example.com' }), ...NAVIGATION]
    const [get] = await exchange(requestText('/forward/host', denied))
    const sent =
      requestText('/forward/host', denied, { method: 'HEAD', isLast: false }) + requestText('/forward/host', headers)
    const [head, next] = await exchange(sent, { isHead: true })
    expect([head?.status, head?.header('content-length')]).toEqual([403, get?.header('content-length')])
    expect(next?.status).toBe(200)
  })

  test('in HTTP/1.0 is answered, with a Host or without', async () => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    for (const host of ['', 'Host: gatehouse\r\n', 'Host:\r\n']) {
      const answers = await exchange(`GET /forward/host HTTP/1.0\r\n${host}${lines}\r\n`)
      expect(answers.map(({ status }) => status)).toEqual([200])
    }
  })

  test('that wants to become a web socket is a check like any other', async () => {
    const handshake: Headers = [
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
    ]
    for (const connection of [[['Connection', 'Upgrade']], [['Connection', 'upgrade, close']], []] as Headers[]) {
      const sent = requestText('/forward/host', [...headers, ...handshake, ...connection], { isLast: false })
      expect((await exchange(sent, { answers: 1 })).map(({ status }) => status)).toEqual([200])
      const stranger = [
        ...proxyHeaders('forward', { host: 'wiki.example.com' }),
        ...NAVIGATION,
        ...handshake,
        ...connection,
      ]
      const [answer] = await exchange(requestText('/forward/host', stranger, { isLast: false }), { answers: 1 })
      expect([answer?.status, answer?.header('location')]).toEqual([401, undefined])
    }
    const h2c = requestText(
      '/forward/host',
      [...headers, ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAAA'], ['Connection', 'Upgrade']],
      { isLast: false },
    )
    expect((await exchange(h2c, { answers: 1 })).map(({ status }) => status)).toEqual([200])
  })

  test('that names our headers in Connection is read all the same; what a proxy dropped for it is missing', async () => {
    for (const named of ['X-Forwarded-Host', 'x-forwarded-host, X-Forwarded-Uri', 'Cookie', 'X-Auth-Request-User']) {
      const answer = await ask('forward', { host: OPEN }, { headers: [['Connection', named]] })
      expect(answer.status).toBe(200)
    }
    const less = headers.filter(([name]) => name !== 'X-Forwarded-Host')
    const [answer] = await exchange(requestText('/forward/host', [...less, ['Connection', 'X-Forwarded-Host']]))
    if (answer === undefined) throw new Error('no answer')
    await expectRefused(answer, 'request-incomplete')
  })

  test('that ends in the middle does no harm to the next', async () => {
    const text = requestText('/forward/host', headers)
    for (const length of [1, 10, 40, text.length - 2]) {
      const socket = connect(wire.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.end(text.slice(0, length))
      await new Promise((resolve) => socket.once('close', resolve).resume())
    }
    expect((await exchange(text)).map(({ status }) => status)).toEqual([200])
  })
})

describe.each(['nginx', 'ingress-nginx'] as const)(
  'in the dialect %s, nothing but 200, 401, 403 and 503',
  (dialect) => {
    test('is ever answered', async () => {
      const requests: ClientRequest[] = ['wiki', 'open', 'broken', 'local', 'unknown', 'x@y'].flatMap((name) =>
        [NAVIGATION, [], [['Cookie', ada.cookie] as const]].flatMap((headers) =>
          ['/', '/.gatehouse/x', '/a/../b', '//', ''].map((target) => ({
            host: `${name}.example.com`,
            target,
            headers,
          })),
        ),
      )
      const statuses = new Set<number>()
      for (const request of requests) statuses.add((await ask(dialect, request)).status)
      const { policySet } = world.state
      world.state.policySet = undefined
      statuses.add((await ask(dialect, { host: OPEN })).status)
      world.state.policySet = policySet
      expect([...statuses].sort()).toEqual([200, 401, 403, 503])
    })
  },
)
