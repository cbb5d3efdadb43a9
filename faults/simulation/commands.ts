import type { Execute } from './connection.ts'
import { entriesAfter, hashAt, type RedisData, textAt } from './redis-data.ts'
import { scriptModels } from './redis-scripts.ts'
import type { RedisServer } from './redis-server.ts'
import type { RedisServers } from './redis-servers.ts'
import type { Schedule } from './schedule.ts'

/** The commands that are used, as a server does them. */
export interface Commands {
  script(sha: string, keys: readonly string[], args: readonly string[]): Execute
  wait(replicas: number, timeoutMs: number): Execute
  /** XREAD with BLOCK on one stream: answers null when there is nothing in time, and something otherwise. */
  read(key: string, after: string, blockMs: number): Execute
}

export function createCommands(servers: RedisServers, schedule: Schedule): Commands {
  /** Waits at the server until something is so, or the time is over, or it is a master no more. */
  function until(
    server: RedisServer,
    timeoutMs: number,
    isSo: () => boolean,
    done: (isSo: boolean) => void,
    fail: (code: string) => void,
  ): void {
    if (isSo()) {
      done(true)
      return
    }
    const wasMaster = server.follows === undefined
    const runId = server.runId
    const callOff = schedule.later(timeoutMs, () => end(() => done(isSo())))
    function end(finish: () => void): void {
      server.watchers.delete(look)
      callOff()
      // What a stopped process has to say it says later; what has been killed says nothing.
      if (server.runId !== runId || !server.isUp) return
      if (server.isPaused) server.arrived.push(finish)
      else finish()
    }
    function look(): void {
      if (wasMaster && server.follows !== undefined) end(() => fail('UNBLOCKED'))
      else if (isSo()) end(() => done(true))
    }
    server.watchers.add(look)
  }

  return {
    script: (sha, keys, args) => (server, answer, fail) => {
      const model = scriptModels.get(sha)
      if (model === undefined) {
        fail('NOSCRIPT')
        return
      }
      const isMaster = server.follows === undefined
      const call = {
        ...{ keys, args, timeMs: servers.time(server), runId: server.runId, replicationId: server.replicationId },
        replicasOnline: isMaster ? servers.online(server).length : undefined,
      }
      if (!isMaster && model.kind === 'writes') {
        fail('READONLY')
        return
      }
      if (model.kind !== 'writes') {
        answer(model.run(server.data, call))
        // Of what a look notes nobody but the next one needs to know; what it says has been read before it is replicated.
        if (isMaster && model.kind === 'notes') servers.write(server, notes(server.data, keys), false)
        return
      }
      let reply: unknown
      servers.write(server, (data) => {
        const result = model.run(data, call)
        if (data === server.data) reply = result
      })
      answer(reply)
    },
    wait: (replicas, timeoutMs) => (server, answer, fail) => {
      if (server.follows !== undefined) {
        fail('ERR')
        return
      }
      const { offset } = server
      servers.reconsider()
      const holders = () => servers.online(server).filter((replica) => replica.offset >= offset).length
      until(
        server,
        timeoutMs,
        () => holders() >= replicas,
        () => answer(holders()),
        fail,
      )
    },
    read: (key, after, blockMs) => (server, answer, fail) => {
      const hasMore = () => entriesAfter(server.data, key, after).length > 0
      until(server, blockMs, hasMore, (isMore) => answer(isMore ? 'more' : null), fail)
    },
  }
}

/** The state and the clock as they are now, to be put in place elsewhere. */
function notes(data: RedisData, keys: readonly string[]): (data: RedisData) => void {
  const [, , state = '', clock = ''] = keys
  const noted = [...hashAt(data, state)]
  const time = textAt(data, clock) ?? ''
  return (other) => {
    const hash = hashAt(other, state)
    for (const [field, value] of noted) hash.set(field, value)
    other.set(clock, time)
  }
}
