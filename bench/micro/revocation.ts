import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { createBrowser } from '../../faults/browser.ts'
import { exchange } from '../../faults/exchange.ts'
import { createRecorder } from '../../faults/recorder.ts'
import type { Replica } from '../../faults/replica.ts'
import { revoke } from '../../faults/revoke.ts'
import { openScene, type Scene } from '../../faults/scene.ts'
import { signIn } from '../../faults/sign-in.ts'
import { newTrial, type Trial } from '../../faults/trial.ts'
import { startRedis } from '../../test/parts/redis.ts'
import { infoFields } from '../../test/parts/redis-command.ts'
import { causedBy, commandsDuring } from '../../test/parts/redis-monitor.ts'
import { openSessionWriter, type SessionWriter } from '../../test/parts/session-writer.ts'
import type { Figure } from '../figures.ts'
import type { Rig } from '../rig.ts'
import type { HeldBytes } from './held-process.ts'

const REVOCATIONS = 1_000
const WARM_CHECKS = 10_000
const AT_ONCE = 500
const HELD = fileURLToPath(new URL('held-process.ts', import.meta.url))

/**
 * Times revocations with three replicas around one Redis that writes to disk once a second, counts what they ask of it, and
 * weighs sessions and revocations. Nothing is pinned: there are more processes than cores.
 */
export async function measureRevocation(rig: Rig, sessions: number, say: (line: string) => void): Promise<Figure[]> {
  if (rig.machine.redis === undefined) return [{ name: 'Revocation', measured: 'left out: redis-server is missing' }]
  await using redis = await startRedis({ args: ['--appendonly', 'yes', '--protected-mode', 'no'] })
  const settings = { url: redis.url, passwordFile: undefined, commandTimeout: '5s' }
  const figures: Figure[] = []
  {
    await using scene = await openScene({ store: 'one server', maxStalenessMs: 30_000, redis: settings })
    await using writer = await openSessionWriter({ port: redis.port, keyFile: scene.keyFile })
    const asking = await someoneWhoAsks(scene, writer)
    figures.push(...(await timed(asking, say)))
    say(`revocation: writing ${sessions} sessions`)
    figures.push(await weighed(redis.port, writer, sessions))
    figures.push(...(await counted(redis.port, asking)))
  }
  say('revocation: a million revocations')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', HELD, String(redis.port)])
  return [...figures, ...heldFigures(JSON.parse(stdout) as HeldBytes)]
}

/** Who asks the replicas on behalf of sessions that were written past them. */
interface Asking {
  readonly trial: Trial
  readonly replicas: readonly Replica[]
  /** A new session and a check of it at one replica; resolves with the status. */
  newcomer(): Promise<{ readonly sid: string; readonly check: (replica: Replica) => Promise<number> }>
}

async function someoneWhoAsks(scene: Scene, writer: SessionWriter): Promise<Asking> {
  const { replicas, people, authUrl } = scene
  const trial = newTrial({ scene, recorder: createRecorder(), random: Math.random, revocationMs: 30_000 })
  const [first] = replicas
  if (first === undefined) throw new Error('there is no replica')
  const wanted = { client: 'bench', application: 'one', login: people[0] ?? '', pick: () => first } as const
  const signedIn = await signIn(trial, createBrowser(), wanted)
  if (signedIn === undefined) throw new Error('nobody could sign in')
  const headers = {
    host: 'gatehouse:8181',
    'x-original-method': 'GET',
    'x-original-host': `one.localhost:${authUrl.port}`,
    'x-original-uri': '/',
    'x-real-ip': '203.0.113.7',
    accept: 'text/html',
    'sec-fetch-mode': 'navigate',
  }
  return {
    trial,
    replicas,
    async newcomer() {
      const session = await writer.write()
      const cookie = await writer.credential(signedIn.token.cookie, session)
      const path = '/nginx/app/faults/one'
      return {
        sid: session.sid,
        check: async ({ ports }) =>
          (await exchange({ port: ports.check, path, headers: { ...headers, cookie } })).status,
      }
    },
  }
}

/** From the answer that accepts a revocation until the last replica refuses, which are all asked without a pause. */
async function timed({ trial, replicas, newcomer }: Asking, say: (line: string) => void): Promise<Figure[]> {
  const tookMs: number[] = []
  const answeredMs: number[] = []
  for (let number = 0; number < REVOCATIONS; number += 1) {
    if (number % 250 === 0) say(`revocation: ${number} of ${REVOCATIONS}`)
    const { sid, check } = await newcomer()
    const letIn = await Promise.all(replicas.map(check))
    if (letIn.some((status) => status !== 200)) throw new Error(`a new session is answered ${letIn.join()}`)
    const replica = replicas[number % replicas.length]
    if (replica === undefined) throw new Error('there is no replica')
    const startedAt = performance.now()
    const answer = await revoke(trial, 'bench', replica, { kind: 'session', sid })
    if (answer !== 'accepted') throw new Error(`a revocation is ${answer}`)
    const acceptedAt = performance.now()
    answeredMs.push(acceptedAt - startedAt)
    const refusedAt = await Promise.all(replicas.map((one) => untilRefused(() => check(one))))
    tookMs.push(Math.max(...refusedAt) - acceptedAt)
  }
  return [
    {
      name: `${REVOCATIONS.toLocaleString('en')} revocations, from accepted until the last of three replicas is asked the first time in vain`,
      measured: `p50 ${at(tookMs, 0.5)} ms, p99 ${at(tookMs, 0.99)} ms, longest ${at(tookMs, 1)} ms`,
      goal: 'p99 below 1000 ms',
      isReached: Number(at(tookMs, 0.99)) < 1000,
    },
    {
      name: 'The same, from asked to accepted',
      measured: `p50 ${at(answeredMs, 0.5)} ms, p99 ${at(answeredMs, 0.99)} ms`,
    },
  ]
}

/** @returns when the check was asked that was the first to be refused */
async function untilRefused(check: () => Promise<number>): Promise<number> {
  for (;;) {
    const askedAt = performance.now()
    if ((await check()) === 401) return askedAt
  }
}

async function weighed(port: number, writer: SessionWriter, sessions: number): Promise<Figure> {
  const before = await usedBytes(port)
  for (let written = 0; written < sessions; written += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, sessions - written) }, () => writer.write()))
  }
  const bytes = ((await usedBytes(port)) - before) / sessions
  return {
    name: `Redis' memory for each session, with ${sessions.toLocaleString('en')} of them: its record and its places in lists`,
    measured: `${bytes.toFixed(0)} bytes`,
  }
}

async function counted(port: number, { replicas, newcomer }: Asking): Promise<Figure[]> {
  const [replica] = replicas
  if (replica === undefined) throw new Error('there is no replica')
  const { check } = await newcomer()
  await replica.restart()
  const cold = await commandsDuring({ port }, async () => void (await check(replica)))
  const startedAt = performance.now()
  const warm = await commandsDuring({ port }, async () => {
    for (let done = 0; done < WARM_CHECKS; done += 10) {
      await Promise.all(Array.from({ length: 10 }, () => check(replica)))
    }
  })
  const seconds = (performance.now() - startedAt) / 1000
  const caused = causedBy(warm)
  const each = (warm.length - caused.length) / seconds / replicas.length
  return [
    {
      name: 'Commands for the first check of a session after a replica has started',
      measured: `${causedBy(cold).length}, in one round trip (${[...new Set(causedBy(cold))].join(', ')})`,
    },
    {
      name: `Commands for ${WARM_CHECKS.toLocaleString('en')} warm checks`,
      measured: `${caused.length}, beside ${each.toFixed(1)} a second of each replica, checks or not`,
      goal: '0',
      isReached: caused.length === 0,
    },
  ]
}

function heldFigures({ view, redis, load, session, entries, sessions }: HeldBytes): Figure[] {
  const many = entries.toLocaleString('en')
  return [
    { name: `A replica's memory for each of ${many} revocations`, measured: `${view.toFixed(0)} bytes` },
    {
      name: `Redis' memory for each of ${many} revocations, with the stream of the last 100,000`,
      measured: `${redis.toFixed(0)} bytes`,
    },
    { name: `Reading ${many} revocations when a replica starts`, measured: `${(load / 1000).toFixed(1)} s` },
    {
      name: `A replica's memory for each of ${sessions.toLocaleString('en')} sessions, without token and answer`,
      measured: `${session.toFixed(0)} bytes`,
    },
  ]
}

async function usedBytes(port: number): Promise<number> {
  const client = new Redis(port)
  try {
    return Number(infoFields(await client.info('memory')).used_memory)
  } finally {
    client.disconnect()
  }
}

function at(values: readonly number[], share: number): string {
  const sorted = values.toSorted((one, other) => one - other)
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1)
}
