import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBrowser } from '../../faults/browser.ts'
import { exchange } from '../../faults/exchange.ts'
import type { Replica } from '../../faults/replica.ts'
import { show } from '../../faults/show.ts'
import { signIn } from '../../faults/sign-in.ts'
import type { Token } from '../../faults/trial.ts'
import { parseKeySet } from '../../src/tokens/file.ts'
import { type KeySet, newKeySet } from '../../src/tokens/key-set.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { all, type Guest, openTrio, type Trio } from './trio.ts'

/** Somebody asks or signs in this often at most, so that two cores are left something to do. */
const PAUSE_MS = 10

needs('redis-server', 'Keys that take turns under three replicas', () => {
  let trio: Trio
  let current: KeySet
  let next: KeySet

  beforeAll(async () => {
    trio = await openTrio()
    const { keyFile } = trio.scene
    current = parseKeySet(await readFile(keyFile, 'utf8'), keyFile)
    next = await newKeySet('ES256', { now: Date.now, randomBytes })
  }, 60_000)
  afterAll(() => trio?.[Symbol.asyncDispose]())

  /** Has these keys in the file, the first in use, and waits until every replica goes by them. */
  async function turnTo(...sets: readonly KeySet[]): Promise<void> {
    const { keyFile } = trio.scene
    const keys = {
      version: 1,
      signing: sets.flatMap(({ signing }) => signing),
      sealing: sets.flatMap(({ sealing }) => sealing),
    }
    await writeFile(`${keyFile}.draft`, JSON.stringify(keys), { mode: 0o600 })
    await rename(`${keyFile}.draft`, keyFile)
    const wanted = keys.signing.map(({ kid }) => kid)
    await until('all replicas follow the file', async () => {
      const published = await Promise.all(trio.scene.replicas.map(publishedBy))
      return published.every((kids) => kids.join() === wanted.join())
    })
  }

  /** The keys that a replica goes by, the one that signs first. */
  async function publishedBy({ ports }: Replica): Promise<readonly string[]> {
    const { host } = trio.scene.authUrl
    const { body } = await exchange({ port: ports.portal, path: '/.well-known/jwks.json', headers: { host } })
    return (JSON.parse(body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }

  function kidOf({ cookie }: Token): string {
    const [header = ''] = cookie.slice(cookie.indexOf('=') + 1).split('.')
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid
  }

  /** Somebody who stands at the provider until they are told to go on. */
  function halfSignedIn(login: string): { goOn: () => void; arrived: Promise<Guest> } {
    const gate = Promise.withResolvers<void>()
    const browser = createBrowser()
    const slow = {
      ...browser,
      async visit(...[url, ...rest]: Parameters<typeof browser.visit>) {
        if (url.pathname.startsWith('/callback/')) await gate.promise
        return browser.visit(url, ...rest)
      },
    }
    const arrived = async () => {
      const wanted = { client: 'test', application: 'one', login, pick: () => trio.replica(1) } as const
      const found = await signIn(trio.trial, slow, wanted)
      if (found === undefined) throw new Error(`${login} was stopped: ${[...trio.trial.interruptions.keys()].at(-1)}`)
      return { browser, ...found }
    }
    return { goOn: gate.resolve, arrived: arrived() }
  }

  test('refuse nobody as long as a key is kept, and accept nothing of one that has been taken out', {
    timeout: 60_000,
  }, async () => {
    const guests = await Promise.all(['person-0', 'person-1', 'person-2'].map((login) => trio.arrive(login)))
    const old = guests.map(({ token }) => token)
    const tokens = [...old]
    const refusals: string[] = []
    let isOver = false
    const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS))

    async function keepAsking(): Promise<void> {
      for (let count = 0; !isOver; count += 1) {
        const token = tokens[count % tokens.length] as Token
        const answer = await show(trio.trial, 'test', token, trio.replica(count % 3))
        if (answer !== 'allow') refusals.push(`${token.name} of ${kidOf(token)} is answered ${answer}`)
        await pause()
      }
    }
    async function keepArriving(): Promise<void> {
      for (let count = 0; !isOver; count += 1) {
        tokens.push((await trio.arrive(`person-${3 + (count % 30)}`)).token)
        await pause()
      }
    }

    const load = Promise.all([keepAsking(), keepArriving()])
    const spanning = [halfSignedIn('person-33'), halfSignedIn('person-34')]
    await turnTo(current, next)
    await turnTo(next, current)
    const young = [(await trio.arrive('person-35')).token]
    for (const { goOn, arrived } of spanning) {
      goOn()
      young.push((await arrived).token)
    }
    for (const token of young) {
      expect(kidOf(token)).toBe(next.signing[0]?.kid)
      expect(await trio.answers(token)).toEqual(all('allow'))
    }
    for (const token of old) expect(await trio.answers(token)).toEqual(all('allow'))
    isOver = true
    await load
    expect(refusals).toEqual([])
    expect(new Set(tokens.map(kidOf))).toEqual(new Set([current.signing[0]?.kid, next.signing[0]?.kid]))

    await turnTo(next)
    for (const token of old) expect(await trio.answers(token)).toEqual(all('challenge'))
    for (const token of young) expect(await trio.answers(token)).toEqual(all('allow'))
    const again = await trio.arrive('person-0')
    expect(await trio.answers(again.token)).toEqual(all('allow'))
  })
})
