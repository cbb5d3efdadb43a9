/**
 * The load generator for machines without wrk: reads a load as JSON from standard input, keeps one request under way on each
 * connection, and prints what it counted as one line of JSON.
 */
import { connect, type Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { CONNECTIONS, type Counted, type Load } from './load.ts'

const LOST_MS = 2_000

const load = (await json(process.stdin)) as Load
const texts = load.requests.map((text) => Buffer.from(text, 'latin1'))
const expected = `HTTP/1.1 ${load.status}`
const latencies: number[] = []
const sockets: Socket[] = []
let next = 0
let underWay = 0
let bytes = 0
let errors = 0
let isOver = false
const finished = Promise.withResolvers<void>()

function open(): void {
  const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
  let sentAt = 0
  let received = 0
  sockets.push(socket)

  function send(): void {
    const text = texts.length === 1 ? texts[0] : texts[next++]
    if (isOver || text === undefined) {
      if (underWay === 0) finished.resolve()
      return
    }
    underWay++
    received = 0
    sentAt = performance.now()
    socket.write(text)
  }

  socket.on('connect', send)
  socket.on('data', (chunk) => {
    if (received === 0 && chunk.toString('latin1', 0, expected.length) !== expected) errors++
    received += chunk.length
    bytes += chunk.length
    if (received < load.answerBytes) return
    if (received > load.answerBytes) errors++
    latencies.push(performance.now() - sentAt)
    underWay--
    send()
  })
  socket.on('error', () => {
    errors++
    finished.resolve()
  })
  socket.on('close', () => {
    if (!isOver) errors++
  })
}

const started = performance.now()
for (let index = 0; index < CONNECTIONS; index++) open()
setTimeout(() => {
  isOver = true
}, load.seconds * 1000)
setTimeout(() => finished.resolve(), load.seconds * 1000 + LOST_MS).unref()
await finished.promise
isOver = true
const seconds = (performance.now() - started) / 1000
for (const socket of sockets) socket.destroy()

const sorted = Float64Array.from(latencies).sort()
const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
const counted: Counted = {
  requests: latencies.length,
  seconds,
  bytes,
  p50Ms: percentile(0.5),
  p99Ms: percentile(0.99),
  errors: errors + underWay,
}
console.log(JSON.stringify(counted))
process.exit(0)
