/**
 * Loaded into a replica before its own code. `FAULTS_ADDRESS` is where its connections to 127.0.0.1 come from, so that proxies
 * can tell replicas apart. `FAULTS_CLOCK` is a file with the milliseconds by which its wall clock is wrong, read at the start
 * and at every SIGUSR2; the monotonic clock and the timers stay right, as on a machine whose clock is set.
 */
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'

const { FAULTS_ADDRESS, FAULTS_CLOCK } = process.env
if (FAULTS_ADDRESS !== undefined) connectFrom(FAULTS_ADDRESS)
if (FAULTS_CLOCK !== undefined) followClock(FAULTS_CLOCK)

function connectFrom(localAddress: string): void {
  const connect = Socket.prototype.connect as (...args: unknown[]) => Socket
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    // `net.connect` hands on the options in a list.
    const options: unknown = Array.isArray(args[0]) ? args[0][0] : args[0]
    if (isToLoopback(options)) options.localAddress ??= localAddress
    return connect.apply(this, args)
  } as typeof Socket.prototype.connect
}

function isToLoopback(options: unknown): options is { host: string; localAddress?: string } {
  return typeof options === 'object' && options !== null && 'host' in options && options.host === '127.0.0.1'
}

function followClock(file: string): void {
  const RightDate = Date
  let wrongByMs = 0
  const read = () => {
    wrongByMs = Number(readFileSync(file, 'utf8'))
  }
  read()
  process.on('SIGUSR2', read)
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [RightDate.now() + wrongByMs] : args, newTarget),
    apply: () => new RightDate(RightDate.now() + wrongByMs).toString(),
    get: (target, name) => (name === 'now' ? () => RightDate.now() + wrongByMs : Reflect.get(target, name)),
  })
}
