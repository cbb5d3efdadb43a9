import type { Script } from '../../src/redis/script.ts'
import {
  announceScript,
  lookScript,
  pageScript,
  recordScript,
  restoreScript,
} from '../../src/revocation/redis-scripts.ts'
import { append, entriesAfter, entryId, hashAt, type RedisData, streamAt, textAt } from './redis-data.ts'

/** What a script is run with. */
export interface ScriptCall {
  readonly keys: readonly string[]
  readonly args: readonly string[]
  /** The server's wall clock. */
  readonly timeMs: number
  readonly runId: string
  readonly replicationId: string
  /** Undefined: it is no master, and can write nothing. */
  readonly replicasOnline: number | undefined
}

/** What a script of ours does to the data, and what it returns; for a tiny model of Redis that runs no Lua. */
export type ScriptModel = (data: RedisData, call: ScriptCall) => unknown

/**
 * The scripts of `src/revocation/redis-scripts.ts` in TypeScript, by their SHA-1. A test runs both on a real server and on the
 * model, and wants the same answers.
 */
export const scriptModels: ReadonlyMap<string, ModelledScript> = new Map([
  model(recordScript, 'writes', record),
  model(announceScript, 'writes', announce),
  model(restoreScript, 'writes', restore),
  model(lookScript, 'notes', look),
  model(pageScript, 'reads', page),
])

export interface ModelledScript {
  readonly run: ScriptModel
  /** `notes`: writes down the time, if it can. */
  readonly kind: 'reads' | 'writes' | 'notes'
}

function model({ sha }: Script, kind: ModelledScript['kind'], run: ScriptModel): readonly [string, ModelledScript] {
  return [sha, { run, kind }]
}

/** What all of them begin with. */
interface Begun {
  readonly set: Map<string, string>
  readonly streamKey: string
  readonly state: Map<string, string>
  nowMs: number
  readonly sweptBeforeMs: number
  name: string
  count: number
}

function begin(data: RedisData, { keys, args, timeMs, replicasOnline }: ScriptCall): Begun {
  const [setKey = '', streamKey = '', stateKey = '', clockKey = ''] = keys
  const [lowerBound, freshName = '', callerMs] = args
  const [highest, then = 0] = (textAt(data, clockKey) ?? '').split(' ').map(Number)
  let nowMs = timeMs
  if (highest !== undefined && highest > timeMs) nowMs = Math.max(timeMs, highest + Math.max(0, timeMs - then) * 0.9995)
  nowMs = Math.max(nowMs, Number(lowerBound))
  const set = hashAt(data, setKey)
  const state = hashAt(data, stateKey)
  const count = Number(state.get('count') ?? 0)
  let name = nameOf(state, set)
  if (name === undefined) {
    name = replicasOnline === undefined ? '' : freshName
    if (name !== '') keep(state, name, count, set)
  }
  return { set, streamKey, state, nowMs, sweptBeforeMs: Math.min(nowMs, timeMs, Number(callerMs)), name, count }
}

/** Undefined: the set is not as the last script left it. */
function nameOf(state: ReadonlyMap<string, string>, set: ReadonlyMap<string, string>): string | undefined {
  return Number(state.get('size')) === set.size ? state.get('name') : undefined
}

function record(data: RedisData, call: ScriptCall): unknown {
  const begun = begin(data, call)
  const atMs = Math.floor(begun.nowMs)
  const endsAtMs = Math.floor(Math.max(call.timeMs, Number(call.args[2]))) + Number(call.args[4])
  const [at, expires] = put(data, begun, call, call.args[3] ?? '', atMs, endsAtMs)
  finish(data, begun, call)
  return [0, whole(at), whole(expires), serverName(begun.name, call), call.replicasOnline]
}

function announce(data: RedisData, call: ScriptCall): unknown {
  const begun = begin(data, call)
  add(data, begun, call, ['changed', call.args[3] ?? ''])
  finish(data, begun, call)
  return [0]
}

function restore(data: RedisData, call: ScriptCall): unknown {
  const begun = begin(data, call)
  for (let index = 3; index + 2 < call.args.length; index += 3) {
    const [scope = '', at, expires] = call.args.slice(index)
    if (Number(expires) <= begun.sweptBeforeMs) continue
    begun.nowMs = Math.max(begun.nowMs, Number(at))
    put(data, begun, call, scope, Number(at), Number(expires))
  }
  finish(data, begun, call)
  return [0]
}

function look(data: RedisData, call: ScriptCall): unknown {
  const begun = begin(data, call)
  const isMaster = call.replicasOnline !== undefined
  if (isMaster) {
    keepClock(data, begun, call)
    sweep(begun)
    begun.state.set('size', whole(begun.set.size))
  }
  const cursor = call.args[3] ?? ''
  const stream = streamAt(data, begun.streamKey)
  const entries = cursor === '' ? [] : entriesAfter(data, begun.streamKey, cursor).slice(0, Number(call.args[4]))
  const last = stream?.entries.at(-1)
  return [
    0,
    serverName(begun.name, call),
    isMaster ? 'master' : 'slave',
    whole(begun.nowMs),
    whole(call.timeMs),
    begun.count,
    last === undefined ? '0-0' : entryId(last),
    entries.map((entry) => [entryId(entry), entry.fields]),
    call.replicasOnline ?? 0,
  ]
}

/** A set in two halves, so that a reading takes more than one page. */
function page(data: RedisData, call: ScriptCall): unknown {
  const [setKey = '', , stateKey = ''] = call.keys
  const half = Number(call.args[3])
  const set = hashAt(data, setKey)
  const fields = [...set].filter(([scope]) => scope.length % 2 === half)
  const name = nameOf(hashAt(data, stateKey), set) ?? ''
  return [serverName(name, call), half === 0 ? '1' : '0', fields.flat()]
}

function put(
  data: RedisData,
  begun: Begun,
  call: ScriptCall,
  scope: string,
  at: number,
  expires: number,
): readonly [at: number, expires: number] {
  const [knownAt = 0, knownExpires = 0] = (begun.set.get(scope) ?? '').split(' ').map(Number)
  const later = [Math.max(at, knownAt), Math.max(expires, knownExpires)] as const
  if (later[0] !== knownAt || later[1] !== knownExpires) {
    add(data, begun, call, ['revoked', scope, 'at', whole(later[0]), 'expires', whole(later[1])])
    begun.set.set(scope, `${whole(later[0])} ${whole(later[1])}`)
    soonest.set(begun.set, Math.min(later[1], soonest.get(begun.set) ?? Number.NEGATIVE_INFINITY))
  }
  return later
}

function add(data: RedisData, begun: Begun, { timeMs }: ScriptCall, fields: readonly string[]): void {
  begun.count += 1
  append(data, begun.streamKey, timeMs, ['n', whole(begun.count), ...fields])
}

/** When the first of a set ends, or before: most of the time there is nothing to be swept. */
const soonest = new WeakMap<ReadonlyMap<string, string>, number>()

function sweep({ set, sweptBeforeMs }: Begun): void {
  if (sweptBeforeMs < (soonest.get(set) ?? Number.NEGATIVE_INFINITY)) return
  let next = Number.POSITIVE_INFINITY
  for (const [scope, times] of set) {
    const expires = Number(times.split(' ')[1])
    if (expires <= sweptBeforeMs) set.delete(scope)
    else next = Math.min(next, expires)
  }
  soonest.set(set, next)
}

function finish(data: RedisData, begun: Begun, call: ScriptCall): void {
  sweep(begun)
  keepClock(data, begun, call)
  keep(begun.state, begun.name, begun.count, begun.set)
}

function keep(state: Map<string, string>, name: string, count: number, set: ReadonlyMap<string, string>): void {
  state.set('name', name).set('count', whole(count)).set('size', whole(set.size))
}

function keepClock(data: RedisData, { nowMs }: Begun, { keys, timeMs }: ScriptCall): void {
  data.set(keys[3] ?? '', `${nowMs.toFixed(3)} ${timeMs.toFixed(3)}`)
}

function serverName(name: string, { runId, replicationId }: ScriptCall): string {
  return `${runId}:${replicationId}:${name}`
}

function whole(number: number): string {
  return Math.floor(number).toFixed(0)
}
