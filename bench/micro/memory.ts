import { readFile } from 'node:fs/promises'
import type { Figure } from '../figures.ts'
import { putLoad } from '../load/load.ts'
import { probe } from '../probe.ts'
import { checkRequest, wireText } from '../request.ts'
import { MANY_APPLICATIONS, type Rig } from '../rig.ts'
import { startGatehouse } from '../servers/gatehouse.ts'
import { FULL } from '../servers/resources.ts'
import { sessionMaker } from '../servers/sessions.ts'

const GOAL_MIB = 150
const MIB = 1024 * 1024
const BATCH = 10_000
const LONGEST_SECONDS = 60

/**
 * Compares the memory of Gatehouse with 10,000 applications, after it has answered for so many sessions with a token of their
 * own, with that of the empty server. The sessions are in Redis; what is measured is what Gatehouse remembers.
 */
export async function measureMemory(rig: Rig, sessions: number, say: (line: string) => void): Promise<Figure[]> {
  const redisUrl = await rig.redisUrl()
  if (redisUrl === undefined) return [leftOut('redis-server is missing')]
  const { machine, provider, directory } = rig
  const empty = await rig.empty()
  if ((await residentBytes(empty.pid)) === undefined) return [leftOut('there is no /proc')]

  const settings = { applications: MANY_APPLICATIONS, allowSampling: 0, redisUrl }
  await using gatehouse = await startGatehouse(machine, provider, settings)
  await using maker = await sessionMaker(gatehouse, redisUrl)
  const { status, bytes } = await probe(gatehouse.port, checkRequest('forward', FULL, gatehouse.credentials[FULL]))
  const before = (await residentBytes(gatehouse.pid)) ?? 0
  for (let made = 0; made < sessions; made += BATCH) {
    say(`memory: ${made} of ${sessions} sessions`)
    const credentials = await maker.make(Math.min(BATCH, sessions - made))
    const requests = credentials.map((credential) => wireText(checkRequest('forward', FULL, credential)))
    const load = { port: gatehouse.port, requests, status, answerBytes: bytes, seconds: LONGEST_SECONDS }
    const counted = await putLoad(machine, load, directory)
    if (counted.requests < requests.length) throw new Error(`only ${counted.requests} of ${requests.length} were asked`)
  }
  const after = (await residentBytes(gatehouse.pid)) ?? 0
  const more = (after - ((await residentBytes(empty.pid)) ?? 0)) / MIB
  const isFull = sessions >= 100_000
  return [
    {
      name: `Memory with 10,000 applications and ${sessions.toLocaleString('en')} warm sessions, more than the empty server`,
      measured: `${more.toFixed(0)} MiB`,
      ...(isFull ? { goal: `at most ${GOAL_MIB} MiB`, isReached: more <= GOAL_MIB } : {}),
    },
    {
      name: 'Memory for each warm session: its record, what its token says, and the latest assertions and answers',
      measured: `${((after - before) / sessions).toFixed(0)} bytes`,
    },
  ]
}

function leftOut(why: string): Figure {
  return { name: 'Memory', measured: `left out: ${why}` }
}

async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
