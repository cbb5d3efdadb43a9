import { ok as assert, equal, notEqual } from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  answersScripts,
  refusesForgedHeaders,
  refusesForgedTokens,
  refusesPathTricks,
  refusesWhatComesPast,
} from './attempts.ts'
import { describe, fact, shown } from './browser.ts'
import { expectPage, expectShut, type Journey, opened, type Step } from './step.ts'

const PAGE = '/some/page?question=why%20not&answer=42'
const PATIENCE_MS = 5_000

/** Every step with what it shows, in order; each builds on those before. */
export const journey: readonly (readonly [title: string, step: Step])[] = [
  ['whoever has not signed in is asked how they would like to', isAskedToChoose],
  ['alice signs in and is back at the exact page, query and all', signsIn],
  ['the app received her identity and verified the assertion', isKnownToTheApp],
  ['the second app opens without another login', opensSecondApp],
  ['so does the second application on its host, and neither evicts the other', opensApi],
  ['a script without a session gets 401 and JSON, not a login page', answersScripts],
  ['forged identity headers are dropped or refused', refusesForgedHeaders],
  ['forged, altered and mistaken tokens are worth nothing', refusesForgedTokens],
  ['a request that comes past the proxy is refused by the app itself', refusesWhatComesPast],
  ['bob is refused at the reports, with a page that says who he is and why', refusesBob],
  ['bob may read the API, and only read', letsBobRead],
  ['tricks with the path lead him no further', refusesPathTricks],
  ['alice takes over in his browser by switching the account', switchesAccount],
  ['a changed policy shuts a live session out, and lets it in again', changesPolicy],
  ['logging out at one app shuts both', logsOut],
  ['the metrics tell of all that', countsEverything],
]

async function isAskedToChoose({ demo, alice }: Journey) {
  const chooser = await alice.open(demo.whoami + PAGE)
  expectPage(chooser, 200, `${demo.auth}/login`)
  const text = shown(chooser.body)
  assert(text.includes('Example Company') && text.includes('Example Partners'), describe(chooser))
  return undefined
}

async function signsIn({ demo, alice }: Journey) {
  const chooser = await alice.open(demo.whoami + PAGE)
  const login = await alice.click(chooser, 'Example Company')
  assert(login.url.hostname === 'localhost', describe(login))
  const arrived = await alice.submit(login, 'Alice')
  equal(arrived.url.href, demo.whoami + PAGE)
  expectPage(arrived, 200)
  equal(fact(arrived, 'address'), PAGE)
  return undefined
}

async function isKnownToTheApp({ demo, alice }: Journey) {
  const page = await opened(alice, `${demo.whoami}/`)
  assert(shown(page.body).includes('✓ Verified'), describe(page))
  equal(fact(page, 'email'), 'alice@example.com')
  equal(fact(page, 'identity provider'), 'company')
  equal(fact(page, 'groups'), 'engineering')
  equal(fact(page, 'X-Auth-Request-Email'), 'alice@example.com')
  equal(fact(page, 'X-Auth-Request-Groups'), 'engineering')
  equal(fact(page, 'X-Auth-Request-Preferred-Username'), 'alice')
  equal(fact(page, 'Cookie'), '–', 'the app gets to see cookies of Gatehouse')
  return undefined
}

async function opensSecondApp({ demo, alice }: Journey) {
  const page = await alice.open(`${demo.reports}/`)
  expectPage(page, 200, `${demo.reports}/`)
  const hosts = page.way.map((address) => new URL(address).hostname)
  assert(!hosts.includes('localhost'), `the provider was asked again: ${page.way.join(' ')}`)
  return undefined
}

async function opensApi({ demo, alice }: Journey) {
  const page = await alice.open(`${demo.reports}/api/figures`)
  expectPage(page, 200, `${demo.reports}/api/figures`)
  equal(JSON.parse(page.body).email, 'alice@example.com')
  equal(alice.cookies('reports.localhost').size >= 2, true, 'each application has a cookie of its own')
  equal((await opened(alice, `${demo.reports}/`)).way.length, 1)
  equal((await opened(alice, `${demo.reports}/api/figures`)).way.length, 1)
  return undefined
}

async function refusesBob({ demo, bob }: Journey) {
  const chooser = await bob.open(`${demo.reports}/`)
  const login = await bob.click(chooser, 'Example Partners')
  const denied = await bob.submit(login, 'Bob')
  expectPage(denied, 403)
  const text = shown(denied.body)
  for (const said of ['bob@example.com', 'Example Partners', 'ask Alice', 'Switch account']) {
    assert(text.includes(said), `"${said}" is not on ${text}`)
  }
  return /\b[a-z]+(?:-[a-z]+)+\b/.exec(text.slice(text.indexOf('Reason')))?.[0]
}

async function letsBobRead({ demo, bob }: Journey) {
  const read = await bob.open(`${demo.reports}/api/figures`)
  expectPage(read, 200)
  equal(JSON.parse(read.body).email, 'bob@example.com')
  const written = await bob.send(`${demo.reports}/api/figures`, { method: 'POST', body: 'a=b' })
  equal(written.status, 403, describe(written))
  return undefined
}

async function switchesAccount({ demo, bob }: Journey) {
  const denied = await bob.open(`${demo.reports}/`)
  const chooser = await bob.click(denied, 'Switch account')
  const login = await bob.click(chooser, 'Example Partners')
  const posted = await bob.submit(login, 'Alice')
  // Where the account changes, the provider goes on by a form that a script posts.
  const arrived = posted.url.hostname === 'localhost' ? await bob.submit(posted, 'Continue') : posted
  expectPage(arrived, 200, `${demo.reports}/`)
  equal(fact(arrived, 'email'), 'alice@example.com')
  return undefined
}

async function changesPolicy({ demo, alice }: Journey) {
  const file = join(demo.resourcesDirectory, 'reports.yaml')
  const before = await readFile(file, 'utf8')
  const after = before.replace('- accessGroup: { name: engineers }', '- email: nobody@example.com')
  notEqual(after, before)
  const wait = async (text: string, status: number) => {
    const started = performance.now()
    await writeFile(file, text)
    for (;;) {
      const answer = await alice.send(`${demo.reports}/`, { headers: { accept: 'text/html' } })
      const waited = Math.round(performance.now() - started)
      if (answer.status === status) return waited
      if (waited > PATIENCE_MS) throw new Error(`not ${status} after ${waited} ms but ${describe(answer)}`)
      await pause(5)
    }
  }
  const shut = await wait(after, 403)
  const open = await wait(before, 200)
  assert(Math.min(shut, open) <= 1_000, `it took ${shut} ms and ${open} ms`)
  return `after ${shut} ms and ${open} ms`
}

async function logsOut({ demo, alice, stranger }: Journey) {
  const stolen = [...alice.cookies('reports.localhost')].map(([name, value]) => `${name}=${value}`).join('; ')
  equal((await stranger.send(`${demo.reports}/`, { headers: { cookie: stolen } })).status, 200)

  const asked = await alice.open(`${demo.whoami}/.gatehouse/logout`)
  let page = await alice.submit(asked, 'Sign out')
  if (page.url.hostname === 'localhost') page = await alice.submit(page, 'Log out')
  expectPage(page, 200, `${demo.auth}/logout`)

  for (const app of [demo.whoami, demo.reports, `${demo.reports}/api/figures`]) {
    const again = await alice.open(app)
    expectPage(again, 200, `${demo.auth}/login`)
  }
  await expectShut(stranger, `${demo.reports}/`, { cookie: stolen })
  const chooser = await alice.open(demo.whoami)
  const login = await alice.click(chooser, 'Example Company')
  assert(shown(login.body).includes('who would you like to be'), 'the provider was not left too')
  return undefined
}

async function countsEverything({ demo, stranger }: Journey) {
  const { body } = await stranger.send(demo.metrics)
  const sum = (name: string, ...labels: string[]) =>
    body
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  const checks = (application: string, outcome: string) =>
    sum('gatehouse_checks_total', `application="demo/${application}"`, `outcome="${outcome}"`)

  for (const application of ['whoami', 'reports', 'reports-api']) {
    for (const outcome of ['allow', 'challenge']) assert(checks(application, outcome) > 0, `${application} ${outcome}`)
  }
  assert(checks('reports', 'forbid') > 0, 'reports forbid')
  for (const [provider, logins] of [
    ['company', 1],
    ['partners', 2],
  ] as const) {
    equal(sum('gatehouse_logins_total', `provider="${provider}"`, 'outcome="signed-in"'), logins, provider)
  }
  equal(body.includes('example.com'), false, 'a metric names a person')
  return undefined
}
