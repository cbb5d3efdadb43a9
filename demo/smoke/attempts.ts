import { ok as assert, equal, match, notEqual } from 'node:assert/strict'
import { describe, fact } from './browser.ts'
import { expectShut, type Journey, opened } from './step.ts'

/** What is not a navigation is never sent to a login page. */
export async function answersScripts({ demo, stranger }: Journey) {
  const scripts = [
    { headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' } },
    { headers: { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' } },
    { method: 'POST', body: 'a=b', headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } },
  ]
  for (const script of scripts) {
    const answer = await stranger.send(`${demo.reports}/api/figures`, script)
    equal(answer.status, 401, describe(answer))
    equal(answer.headers.location, undefined)
    equal(JSON.parse(answer.body).error, 'login-required')
  }
  return undefined
}

/** Headers that only the proxy and Gatehouse may set, set by a client. */
export async function refusesForgedHeaders({ demo, alice, stranger }: Journey) {
  const forged = {
    'x-auth-request-user': 'admin',
    'x-auth-request-email': 'admin@example.com',
    'x-auth-request-groups': 'engineering',
    'gatehouse-jwt-assertion': 'e30.e30.e30',
  }
  await expectShut(stranger, `${demo.whoami}/`, forged)
  const page = await alice.send(`${demo.whoami}/`, { headers: forged })
  equal(fact(page, 'X-Auth-Request-Email'), 'alice@example.com', describe(page))
  equal(fact(page, 'email'), 'alice@example.com')

  const elsewhere = {
    'x-forwarded-host': new URL(demo.whoami).host,
    'x-forwarded-uri': '/.gatehouse/login',
    'x-forwarded-method': 'OPTIONS',
    'x-original-url': `${demo.whoami}/`,
  }
  await expectShut(stranger, `${demo.reports}/`, elsewhere)
  await expectShut(stranger, `${demo.reports}/`, { connection: 'x-forwarded-host, x-forwarded-uri, close' })
  for (const twin of ['x_auth_request_email', 'X.Auth.Request.Email']) {
    const answer = await alice.send(`${demo.whoami}/`, { headers: { [twin]: 'admin@example.com' } })
    equal(answer.status, 403, describe(answer))
  }
  return undefined
}

/** Tokens that were altered, unsigned, respelled, or made for something else. */
export async function refusesForgedTokens({ demo, alice, stranger }: Journey) {
  const tokens = [...alice.cookies('whoami.localhost')].filter(([, value]) => value.split('.').length === 3)
  const [[name, token] = ['', '']] = tokens
  notEqual(token, '')
  const page = await opened(alice, `${demo.whoami}/`)
  const assertion = /<pre>([^<]+)<\/pre>/.exec(page.body)?.[1] ?? ''
  match(assertion, /^e[\w-]+\.[\w-]+\.[\w-]+$/)
  const [header = '', claims = '', signature = ''] = token.split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const altered = `${signature.slice(0, 10)}${signature[10] === 'A' ? 'B' : 'A'}${signature.slice(11)}`

  const cookie = (value: string) => ({ cookie: `${name}=${value}` })
  equal(
    (await stranger.send(`${demo.whoami}/`, { headers: cookie(token) })).status,
    200,
    'the token as it is, to compare',
  )
  await expectShut(stranger, `${demo.whoami}/`, cookie(`${header}.${claims}.${altered}`))
  await expectShut(stranger, `${demo.whoami}/`, cookie(`${none}.${claims}.`))
  await expectShut(stranger, `${demo.whoami}/`, cookie(`${token}=`))
  await expectShut(stranger, `${demo.whoami}/`, cookie(assertion))
  const names = [...alice.cookies('reports.localhost').keys()]
  for (const other of names) await expectShut(stranger, `${demo.reports}/`, { cookie: `${other}=${token}` })
  return undefined
}

/** Requests straight to the apps. */
export async function refusesWhatComesPast({ demo, stranger }: Journey) {
  for (const port of Object.values(demo.behindTheProxy)) {
    const headers = { 'x-auth-request-email': 'admin@example.com', 'gatehouse-jwt-assertion': 'e30.e30.e30' }
    const answer = await stranger.send(`http://localhost:${port}/`, { headers })
    equal(answer.status, 403, describe(answer))
  }
  return undefined
}

/** Paths that one server may take for the API, which bob may read, and another for the pages, which he may not. */
export async function refusesPathTricks({ demo, bob }: Journey) {
  const tricks = [
    ...['/api/../', '/api/..', '/api/%2e%2e/', '/api/..%2f', '/api%2f..%2f', '/api/..;/', '/api\\..\\', '/api/%5c../'],
    ...[
      '//',
      '/./',
      '/api/%00',
      '/api/%zz',
      '/API/../',
      '/.gatehouse/../',
      '/.gatehouse/%2e%2e/',
      '/%2egatehouse/login',
    ],
    `http://whoami.localhost/`,
  ]
  for (const rawPath of tricks) {
    const answer = await bob.send(demo.reports, { rawPath, headers: { accept: 'text/html' } })
    assert([400, 403, 404].includes(answer.status), `${rawPath}: ${describe(answer)}`)
  }
  return `${tricks.length} of them`
}
