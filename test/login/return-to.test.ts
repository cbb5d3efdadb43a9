import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readReturnTo } from '../../src/login/return-to.ts'
import { publicUrls } from '../../src/policy/public-url.ts'
import { locationOf, newBrowser } from './browser.ts'
import { ask, returnFrom } from './journey.ts'
import { APP, AUTH, loginWorld } from './world.ts'

const HOST = 'app.example.com'
const urls = publicUrls(new URL(AUTH))
const developmentUrls = publicUrls(new URL('http://auth.localhost:8000'))

const honest: readonly (readonly [rd: string, target?: string])[] = [
  ['/'],
  ['/a/b'],
  ['/a/b/'],
  ['/?next=https://x//y&a=b%26c'],
  ['/search?q=a+b&q=%20c&empty=&=x&&'],
  ['/search?q=1?2?3'],
  ['/?'.concat('a=b'), '/?a=b'],
  ['/caf%C3%A9/%E2%82%AC'],
  ['/~ada/%7Eada'],
  ["/a!$&'()*+,=:@-._~"],
  ['/?evil=//evil.test&back=\\\\evil.test'],
  ['/?rd=%2F%2Fevil.test'],
  ['/https:/x'],
  ['/@evil.test'],
  ['?a=b', '/?a=b'],
  ['https://app.example.com', '/'],
  ['https://app.example.com/', '/'],
  ['https://app.example.com?x=1', '/?x=1'],
  ['https://app.example.com/a?b=//c', '/a?b=//c'],
  ['https://app.example.com:443/a', '/a'],
  ['https://APP.Example.COM/a', '/a'],
  ['https://app.example.com./a', '/a'],
  // Behind some proxies the scheme is not the public one.
  ['http://app.example.com/a?b', '/a?b'],
]

describe('a return address on the app’s own host', () => {
  for (const [rd, target = rd] of honest) {
    test(`leads from ${rd} to ${target}`, () => {
      expect(readReturnTo(rd, HOST, urls)).toEqual({ target, isShortened: false })
    })
  }

  test('may be a whole URL with the port of the development mode', () => {
    expect(readReturnTo('http://app.localhost:8000/a', 'app.localhost', developmentUrls).target).toBe('/a')
    expect(readReturnTo('http://app.localhost:8001/a', 'app.localhost', developmentUrls).target).toBe('/')
  })
})

/** Classes of payloads that have led visitors of other gateways elsewhere. */
const hostile = [
  '//evil.test',
  '///evil.test',
  '////evil.test/%2f..',
  '/\\evil.test',
  '\\/evil.test',
  '\\\\evil.test',
  '/\\/evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  '/\r/evil.test',
  '\t//evil.test',
  ' //evil.test',
  '/ /evil.test',
  '/%09/evil.test',
  '/%0a/evil.test',
  '/%0d%0aLocation:%20https://evil.test',
  '/a\r\nLocation: https://evil.test',
  '/a\r\nSet-Cookie: x=y',
  '/a\u0000',
  '/%00/evil.test',
  '/%2f/evil.test',
  '/%2fevil.test',
  '/%5cevil.test',
  '/%252fevil.test/..%252f',
  '/.//evil.test',
  '/..//evil.test',
  '/a/..//evil.test',
  '/a/../..//evil.test',
  '/./evil.test/../..',
  '/;/evil.test',
  '/;@evil.test',
  'https://evil.test',
  'https:evil.test',
  'https:/evil.test',
  'https:///evil.test',
  'https:\\\\evil.test',
  'HTTPS://evil.test',
  'hTtPs://evil.test/app.example.com',
  'http://evil.test',
  'ftp://app.example.com/',
  'javascript:alert(1)',
  'JavaScript:alert(1)//https://app.example.com',
  'java\tscript:alert(1)',
  ' javascript:alert(1)',
  'javascript://app.example.com/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'blob:https://app.example.com/x',
  'about:blank',
  'https://app.example.com@evil.test',
  'https://app.example.com:443@evil.test',
  'https://app.example.com%40evil.test',
  'https://app.example.com\\@evil.test',
  'https://app.example.com\\.evil.test',
  'https://evil.test\\.app.example.com',
  'https://evil.test#@app.example.com',
  'https://evil.test?app.example.com',
  'https://evil.test/app.example.com',
  'https://app.example.com.evil.test',
  'https://app.example.comevil.test',
  'https://evilapp.example.com',
  'https://x.app.example.com',
  'https://example.com',
  'https://auth.example.com/logout',
  'https://app.example.com:8443/',
  'https://app.example.com:/',
  'https://app.example.com:0443/',
  'https://app.example.com:443:443/',
  'https://user:password@app.example.com/',
  'https://user@app.example.com/',
  'https://app.example.com../',
  'https://app。example.com/',
  'https://app.example。com/',
  'https://ａpp.example.com/',
  'https://аpp.example.com/',
  'https://app%2eexample.com/',
  'https://app.example.com%2f@evil.test',
  'https://[::1]/',
  'https://127.0.0.1/',
  '//app.example.com@evil.test',
  '//app.example.com/',
  '/\u2028/evil.test',
  '/。/evil.test',
  '〱//evil.test',
  'evil.test',
  '.evil.test',
  '@evil.test',
  ':443/evil',
  '#https://evil.test',
  '/#/../evil',
  '/.gatehouse/login?rd=/x',
  '/.gatehouse/logout',
  '/.gatehouse',
  '/.gatehouse?x',
  'https://app.example.com/.gatehouse/login',
  '*',
  '',
]

function spellings(payload: string): string[] {
  const wellFormed = payload.toWellFormed()
  const once = encodeURIComponent(wellFormed)
  return [payload, once, encodeURIComponent(once), `/${payload}`, `https://app.example.com${payload}`]
}

/** Where a browser goes that is sent to this `rd`'s target on the app's host. */
function landing(rd: string): URL {
  const { target } = readReturnTo(rd, HOST, urls)
  return new URL(urls.origin(HOST) + target, APP)
}

describe('a hostile return address', () => {
  for (const payload of hostile) {
    test(`stays on the app’s host: ${JSON.stringify(payload)}`, () => {
      for (const rd of spellings(payload)) {
        const url = landing(rd)
        expect([rd, url.origin, url.username, url.password]).toEqual([rd, APP, '', ''])
        expect(url.pathname.startsWith('/.gatehouse/') || url.pathname === '/.gatehouse').toBe(false)
      }
    })
  }

  test('that is no address of this host leads to its root', () => {
    for (const payload of hostile) expect([payload, readReturnTo(payload, HOST, urls).target]).toEqual([payload, '/'])
  })
})

const alphabet = fc.constantFrom(
  ...'/\\@:.;?#%&=\t\r\n\u0000 aA0'.split(''),
  '//',
  'https:',
  'http://',
  'javascript:',
  'evil.test',
  'app.example.com',
  '%2f',
  '%5c',
  '%09',
  '%0d%0a',
  '..',
  '。',
  '\u2028',
  '.gatehouse',
)
const anyText = fc.oneof(
  fc.array(alphabet, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

test('no text whatever leads off the app’s host, or survives as anything but one header line', () => {
  fc.assert(
    fc.property(anyText, (rd) => {
      const { target } = readReturnTo(rd, HOST, urls)
      expect(target).toMatch(/^\/[\x21-\x7e]*$/)
      expect(new URL(urls.origin(HOST) + target).origin).toBe(APP)
      // Even where somebody forgets the origin in front of it.
      expect(new URL(target, APP).origin).toBe(APP)
    }),
    { numRuns: 3000 },
  )
})

test('every path and query that a browser sends comes back as it was', () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9_~!$&'()*+,=:@-]{1,8}$/)
  const query = fc.stringMatching(/^[!-"$-~]{0,40}$/)
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 4 }), fc.option(query), (segments, search) => {
      const target = `/${segments.join('/')}${search === null || search === '' ? '' : `?${search}`}`
      expect(readReturnTo(target, HOST, urls)).toEqual({ target, isShortened: false })
      expect(readReturnTo(APP + target, HOST, urls).target).toBe(target)
    }),
  )
})

test('every redirect of a login leads to the app’s host, the auth host or the provider, whatever rd says', async () => {
  const world = await loginWorld()
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constantFrom(...hostile), anyText), async (rd) => {
      const browser = newBrowser(world)
      const atProvider = await browser.open(`${APP}/.gatehouse/login?${new URLSearchParams({ rd })}`)
      if (atProvider.answer !== undefined) return expect(atProvider.answer.status).toBe(404)
      const arrival = await browser.open(returnFrom(atProvider.url, { code: 'ada' }))
      for (const address of [...atProvider.trail, ...arrival.trail]) {
        expect([APP, AUTH, 'https://corporate.idp.test']).toContain(new URL(address).origin)
      }
      expect(arrival.url.origin).toBe(APP)
    }),
    { numRuns: 60 },
  )
})

describe('an address above 2 kB', () => {
  const long = `/search?q=${'x'.repeat(2048)}`

  test('loses its query', () => {
    expect(readReturnTo(long, HOST, urls)).toEqual({ target: '/search', isShortened: true })
    expect(readReturnTo(`/${'x'.repeat(2048)}`, HOST, urls)).toEqual({ target: '/', isShortened: true })
    expect(readReturnTo(`/${'x'.repeat(2047)}`, HOST, urls).isShortened).toBe(false)
  })

  test('is reported', async () => {
    const world = await loginWorld()
    await ask(newBrowser(world), APP + long)
    expect(world.events).toContainEqual([
      'portalRefused',
      { reason: 'return-address-shortened', host: HOST, path: '/.gatehouse/login', status: 302 },
    ])
  })

  test('never makes a cookie that a browser drops for its size, whatever stands in the address', async () => {
    const world = await loginWorld()
    for (const filling of ['x', '\\', '"', '%5C', '%C3%A9']) {
      const browser = newBrowser(world)
      const rd = `/?q=${filling.repeat(Math.floor(2040 / filling.length))}`
      const answer = await browser.visit(`${APP}/.gatehouse/login?${new URLSearchParams({ rd })}`)
      expect([filling, answer.status, browser.cookies(HOST).size]).toEqual([filling, 302, 1])
    }
  })
})

test('ten logins asked for within each other do not make the address grow without bound', async () => {
  const world = await loginWorld()
  const browser = newBrowser(world)
  let address = `${APP}/.gatehouse/login?rd=/`
  for (let depth = 0; depth < 10; depth += 1) {
    const location = locationOf(await browser.visit(address)) ?? ''
    expect(location.length).toBeLessThan(2048)
    address = `${APP}/.gatehouse/login?${new URLSearchParams({ rd: address })}`
  }
})
