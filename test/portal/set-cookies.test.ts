import { describe, expect, test } from 'vitest'
import { readSetCookie, type SetCookie } from '../login/set-cookie.ts'
import { anApplication, loginWorld } from '../login/world.ts'
import { header, portalOnPort } from './wire.ts'

/** What every cookie of a style has in common. */
const styles = [
  {
    title: 'over https',
    isDevelopment: false,
    prefix: '__Host-',
    auth: 'https://auth.example.com',
    app: 'https://app.example.com',
    none: 'None',
  },
  {
    title: 'in the development mode',
    isDevelopment: true,
    prefix: '',
    auth: 'http://auth.localhost:8000',
    app: 'http://app.localhost:8000',
    none: 'Lax',
  },
]

for (const { title, isDevelopment, prefix, auth, app, none } of styles) {
  describe(`the cookies of a whole journey ${title}`, () => {
    test('are exactly those that are documented, on each of its answers', async () => {
      const audience = anApplication('app').audience.slice(0, 16)
      const applications = [
        anApplication('app', {
          cookieName: `${prefix}gatehouse-${audience}`,
          destinations: [{ host: new URL(app).hostname, path: '/' }],
        }),
      ]
      const world = await loginWorld({ isDevelopment, applications, sessionSeconds: 7200, appTokenSeconds: 3600 })
      await using portal = await portalOnPort(world)
      const jar = new Map<string, Map<string, string>>()

      /** One request; which cookies its answer sets, as a name without its random part and the attributes. */
      async function step(method: string, address: string, headers: Record<string, string> = {}) {
        const { host } = new URL(address)
        const cookies = jar.get(host) ?? new Map<string, string>()
        jar.set(host, cookies)
        const Cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
        const answer = await portal.ask(method, address, { headers: { Cookie, ...headers } })
        const set = answer.headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => readSetCookie(line))
        for (const { name, value, maxAge } of set) {
          if (maxAge > 0) cookies.set(name, value)
          else cookies.delete(name)
        }
        return { status: answer.status, location: header(answer, 'Location') ?? '', set: set.map(documented) }
      }
      function documented({ name, path, maxAge, isHttpOnly, isSecure, sameSite }: SetCookie): string {
        const kind = name.replace(/(tx|flow)-[0-9a-z]{33}$/, '$1-<id>')
        expect([path, isHttpOnly, isSecure]).toEqual(['/', true, !isDevelopment])
        return `${kind} ${sameSite} ${maxAge}`
      }

      const session = `${prefix}gatehouse-session`
      const start = await step('GET', `${app}/.gatehouse/login?rd=/a`)
      expect(start.set).toEqual([`${prefix}gatehouse-flow-<id> Lax 600`])
      const login = await step('GET', start.location)
      expect(login.set).toEqual([`${prefix}gatehouse-tx-<id> ${none} 600`])
      const asked = new URL(login.location).searchParams
      const back = `${asked.get('redirect_uri')}?${new URLSearchParams({ code: 'ada', state: asked.get('state') ?? '' })}`
      const callback = await step('GET', back)
      expect(callback.set).toEqual([`${session} Lax 7200`, `${prefix}gatehouse-tx-<id> Lax 0`])
      const admitted = await step('GET', callback.location)
      expect([admitted.status, admitted.set]).toEqual([303, []])
      const authorized = await step('GET', admitted.location)
      expect(authorized.set).toEqual([`${prefix}gatehouse-${audience} Lax 3600`, `${prefix}gatehouse-flow-<id> Lax 30`])
      expect(authorized.location).toBe(`${app}/a`)

      const quiet = [`${auth}/`, `${auth}/login`, `${auth}/logout`, `${auth}/identity`, `${auth}/.well-known/jwks.json`]
      for (const address of [...quiet, `${app}/.gatehouse/logout`, `${app}/.gatehouse/identity`]) {
        expect([address, (await step('GET', address)).set]).toEqual([address, []])
      }
      expect((await step('POST', `${app}/.gatehouse/logout`, { Origin: auth })).set).toEqual([])

      const logout = await step('POST', `${app}/.gatehouse/logout`, { Origin: app })
      expect(logout.set).toEqual([`${prefix}gatehouse-${audience} Lax 0`, `${prefix}gatehouse-flow-<id> Lax 0`])
      expect((await step('GET', logout.location)).set).toEqual([`${session} Lax 0`])
      expect([...jar.values()].map((cookies) => cookies.size)).toEqual([0, 0])
      expect((await step('POST', `${auth}/logout`, { Origin: auth })).set).toEqual([`${session} Lax 0`])
    })
  })
}
