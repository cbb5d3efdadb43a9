import { describe, expect, test } from 'vitest'
import { clearCookie, cookieId, evictOldest, isCookieId, setCookie } from '../../src/login/cookie.ts'
import { locationOf, newBrowser } from './browser.ts'
import { ask, returnFrom } from './journey.ts'
import { setCookies } from './set-cookie.ts'
import { APP, AUTH, countedRandomness, loginWorld } from './world.ts'

const secure = { prefix: '__Host-', isSecure: true }
const plain = { prefix: '', isSecure: false }

describe('a cookie', () => {
  test('is host-only, out of scripts’ reach and secure', () => {
    expect(setCookie(secure, '__Host-a', 'b', { maxAgeSeconds: 5, sameSite: 'Lax' })).toEqual([
      'Set-Cookie',
      '__Host-a=b; Path=/; Max-Age=5; HttpOnly; Secure; SameSite=Lax',
    ])
    expect(clearCookie(secure, '__Host-a')[1]).toBe('__Host-a=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax')
  })

  test('over plain http is never None, which browsers would refuse', () => {
    expect(setCookie(plain, 'a', 'b', { maxAgeSeconds: 5, sameSite: 'None' })[1]).toBe(
      'a=b; Path=/; Max-Age=5; HttpOnly; SameSite=Lax',
    )
  })
})

describe('the id of a short-lived cookie', () => {
  test('sorts by the time of its making until the year 5188', () => {
    const random = countedRandomness()
    const times = [0, 1, 35, 36, 1_790_000_000_000, 1_790_000_000_001, 36 ** 8 - 1, 36 ** 8, 36 ** 9 - 1]
    const ids = times.map((now) => cookieId(now, random))
    expect([...ids].sort()).toEqual(ids)
    expect(ids.every(isCookieId)).toBe(true)
  })

  test('is the only text that becomes part of a name', () => {
    for (const text of ['', 'x', 'a;b', `${'0'.repeat(33)};`, `${'0'.repeat(33)}\n`, 'A'.repeat(33), '0'.repeat(34)]) {
      expect([text, isCookieId(text)]).toEqual([text, false])
    }
  })
})

describe('making room', () => {
  const cookie = (id: number, size = 10) => `p-${String(id).padStart(3, '0')}=${'x'.repeat(size)}`
  const header = (...ids: number[]) => ids.map((id) => cookie(id)).join('; ')
  const gone = (cookies: string, newBytes = 20) =>
    evictOldest(secure, cookies, 'p-', newBytes).map(([, line]) => line.slice(0, line.indexOf('=')))

  test('takes nothing while there are fewer than sixteen', () => {
    expect(gone('')).toEqual([])
    expect(gone(header(...Array.from({ length: 15 }, (_, id) => id)))).toEqual([])
  })

  test('takes the oldest first, in whatever order they were sent', () => {
    const ids = Array.from({ length: 18 }, (_, id) => 17 - id)
    expect(gone(header(...ids))).toEqual(['p-000', 'p-001', 'p-002'])
  })

  test('takes until 6 kB are enough', () => {
    const cookies = [1, 2, 3].map((id) => cookie(id, 2000)).join('; ')
    expect(gone(cookies, 100)).toEqual([])
    expect(gone(cookies, 200)).toEqual(['p-001'])
    expect(gone(cookies, 6000)).toEqual(['p-001', 'p-002', 'p-003'])
  })

  test('leaves other cookies alone', () => {
    const others = Array.from({ length: 40 }, (_, id) => `other-${id}=x; xp-${id}=x`).join('; ')
    expect(gone(`${others}; ${header(1)}`, 7000)).toEqual(['p-001'])
  })

  test('counts a cookie that was sent twice once', () => {
    expect(gone(`${header(1, 1, 1)}`, 7000)).toEqual(['p-001'])
  })
})

describe('a browser that begins many logins', () => {
  for (const [title, host, prefix] of [
    ['transactions', 'auth.example.com', '__Host-gatehouse-tx-'],
    ['flows', 'app.example.com', '__Host-gatehouse-flow-'],
  ] as const) {
    for (const [kind, query] of [
      ['short', ''],
      ['long', `?q=${'x'.repeat(1900)}`],
    ]) {
      test(`for ${kind} addresses never holds more than 16 ${title} or 6 kB of them, and keeps the newest`, async () => {
        const world = await loginWorld()
        const browser = newBrowser(world)
        let newest = ''
        for (let index = 0; index < 40; index += 1) {
          world.clock.advance(1)
          const start = await browser.visit(
            `${APP}/.gatehouse/login?${new URLSearchParams({ rd: `/${index}${query}` })}`,
          )
          const login = await browser.visit(locationOf(start) ?? '')
          newest = setCookies(host.startsWith('auth') ? login : start).find(({ maxAge }) => maxAge > 0)?.name ?? ''
          const held = [...browser.cookies(host)].filter(([name]) => name.startsWith(prefix))
          expect(held.length).toBeLessThanOrEqual(16)
          expect(held.reduce((sum, [name, value]) => sum + name.length + 1 + value.length, 0)).toBeLessThanOrEqual(6144)
          expect(held.map(([name]) => name)).toContain(newest)
        }
      })
    }
  }

  test('has room for ten logins at once', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    const pages = Array.from({ length: 10 }, (_, index) => `${APP}/page/${index}?and=${'x'.repeat(60)}`)
    const begun = []
    for (const page of pages) begun.push(await ask(browser, page))
    expect(browser.cookies('auth.example.com').size).toBe(10)
    const ends = []
    for (const { url } of begun.reverse()) ends.push((await browser.open(returnFrom(url, { code: 'ada' }))).url.href)
    expect(ends.reverse()).toEqual(pages)
    expect((await browser.visit(`${AUTH}/identity`)).status).toBe(200)
  })
})
