import type { Machine } from './machine.ts'
import type { PeerOption } from './options.ts'
import { type Answer, headerValue, ownHeaders, probe } from './probe.ts'
import { checkRequest, DIALECTS, pageRequest, type WireRequest, wireText } from './request.ts'
import type { Rig } from './rig.ts'
import { startGuard } from './servers/nginx.ts'
import { PEER_NAMES, startPeer } from './servers/peer.ts'
import { FULL, USER } from './servers/resources.ts'
import { sessionMaker } from './servers/sessions.ts'
import { startPlain } from './servers/start.ts'

/** What stands in front of a row: a server that says the same without thinking. */
export type Baseline = 'constant' | 'constant user only'

/** Where a row's load goes, and what every answer is. */
export interface Target {
  readonly port: number
  /** One request as an example; the baselines beside the row get this one. */
  readonly request: WireRequest
  /** What is sent in one slice; undefined: the example, over and over. */
  readonly fresh?: (seconds: number) => Promise<readonly string[]>
  readonly answer: Answer
}

export interface Row {
  readonly name: string
  readonly baseline: Baseline
  readonly open: (rig: Rig) => Promise<Target>
  /** What it needs that this machine does not have. */
  readonly missing: (machine: Machine) => string | undefined
}

export const EMPTY = 'empty'
export const MANY = 'check warm forward with 10,000 applications'
export const LOGGING = 'check warm forward with every line logged'
/** More than one core answers in a second. */
const FRESH_PER_SECOND = 8_000

/** Every row, in the order of the table. */
export function allRows(peerOptions: readonly PeerOption[]): Row[] {
  return [
    row(EMPTY, 'constant', async (rig) => {
      const { port } = await rig.empty()
      return target(port, await fullRequest(rig), is(200))
    }),
    row('constant', 'constant', (rig) => constant(rig, FULL)),
    row('constant user only', 'constant user only', (rig) => constant(rig, USER)),
    ...DIALECTS.map((dialect) =>
      row(`check warm ${dialect}`, 'constant', async (rig) => {
        const { port, credentials } = await rig.gatehouse()
        return target(port, checkRequest(dialect, FULL, credentials[FULL]), isFull)
      }),
    ),
    ...DIALECTS.map((dialect) =>
      row(`check warm ${dialect} user only`, 'constant user only', async (rig) => {
        const { port, credentials } = await rig.gatehouse()
        return target(port, checkRequest(dialect, USER, credentials[USER]), isUserOnly)
      }),
    ),
    row('check cold token', 'constant', coldTokens),
    row('challenge', 'constant', async (rig) => {
      const { port } = await rig.gatehouse()
      return target(port, checkRequest('forward', FULL, undefined), isChallenge)
    }),
    row(MANY, 'constant', async (rig) => {
      const { port, credentials } = await rig.large()
      return target(port, checkRequest('forward', FULL, credentials[FULL]), isFull)
    }),
    row(LOGGING, 'constant', async (rig) => {
      const { port, credentials } = await rig.logging()
      return target(port, checkRequest('forward', FULL, credentials[FULL]), isFull)
    }),
    row('nginx without auth', 'constant', async (rig) => behindNginx(rig, 'plain'), needsNginx),
    row('nginx with auth', 'constant', async (rig) => behindNginx(rig, 'guarded'), needsNginx),
    ...[...new Set([...PEER_NAMES, ...peerOptions.map(({ name }) => name)])].map((name) => peerRow(name, peerOptions)),
  ]
}

function row(name: string, baseline: Baseline, open: Row['open'], missing: Row['missing'] = () => undefined): Row {
  return { name, baseline, open, missing }
}

function peerRow(name: string, options: readonly PeerOption[]): Row {
  const option = options.find((one) => one.name === name)
  return row(
    name,
    'constant',
    async (rig) => {
      if (option === undefined) throw new Error(`no path for ${name}`)
      const { machine, provider } = rig
      const peer = rig.use(await startPeer(option, { machine, provider, redisUrl: await rig.redisUrl() }))
      return target(peer.port, peer.request, is(peer.status))
    },
    () => (option === undefined ? `--peer ${name}=PATH is not given` : undefined),
  )
}

const needsNginx = ({ nginx }: Machine) => (nginx === undefined ? 'nginx is missing' : undefined)

async function fullRequest(rig: Rig): Promise<WireRequest> {
  return checkRequest('forward', FULL, (await rig.gatehouse()).credentials[FULL])
}

/** A server that always says what Gatehouse has just said. */
async function constant(rig: Rig, application: typeof FULL | typeof USER): Promise<Target> {
  const { port, credentials } = await rig.gatehouse()
  const request = checkRequest('forward', application, credentials[application])
  const { status, headers } = await probe(port, request)
  const server = rig.use(await startPlain(rig.machine, { status, headers: ownHeaders(headers) }))
  return target(server.port, request, application === FULL ? isFull : isUserOnly)
}

async function coldTokens(rig: Rig): Promise<Target> {
  const gatehouse = await rig.fresh()
  const sessions = rig.use(await sessionMaker(gatehouse, gatehouse.redisUrl))
  const [first] = await sessions.make(1)
  const opened = await target(gatehouse.port, checkRequest('forward', FULL, first), isFull)
  return {
    ...opened,
    async fresh(seconds) {
      const made = await sessions.make(Math.ceil(Math.max(1, seconds) * FRESH_PER_SECOND))
      return made.map((credential) => wireText(checkRequest('forward', FULL, credential)))
    },
  }
}

async function behindNginx(rig: Rig, listener: 'plain' | 'guarded'): Promise<Target> {
  const { port, credentials } = await rig.gatehouse()
  const app = rig.use(await startPlain(rig.machine, { status: 200, headers: ['Content-Length', '5'], body: 'hello' }))
  const nginx = rig.use(await startGuard(rig.machine, app.port, port))
  return target(nginx.ports[listener], pageRequest(FULL, credentials[FULL]), is(200))
}

/** Asks once and makes sure that the answer is the right one: from then on only its status and length are looked at. */
async function target(port: number, request: WireRequest, isRight: (answer: Answer) => boolean): Promise<Target> {
  const answer = await probe(port, request)
  if (isRight(answer)) return { port, request, answer }
  throw new Error(`not the answer that is to be measured: ${JSON.stringify({ request, answer }, undefined, 2)}`)
}

const is = (status: number) => (answer: Answer) => answer.status === status

function isFull({ status, headers }: Answer): boolean {
  const assertion = headerValue(headers, 'gatehouse-jwt-assertion')?.split('.') ?? []
  return status === 200 && assertion.length === 3 && headerValue(headers, 'x-auth-request-email') !== undefined
}

function isUserOnly({ status, headers }: Answer): boolean {
  const isOnly = headerValue(headers, 'gatehouse-jwt-assertion') === undefined
  return status === 200 && isOnly && (headerValue(headers, 'x-auth-request-user') ?? '') !== ''
}

function isChallenge({ status, headers }: Answer): boolean {
  return status === 302 && headerValue(headers, 'location')?.includes('/.gatehouse/login?rd=') === true
}
