import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createLog, LOG_LEVELS, type LogLevel } from '../../src/observe/log.ts'
import { NOW } from './observed.ts'

function into(level: LogLevel) {
  const written: string[] = []
  const stream = { write: (line: string) => written.push(line) }
  return { written, log: createLog({ level, version: '1', now: () => NOW, stream }) }
}

test('a line is one JSON object with level, time, service, version and event', () => {
  const { log, written } = into('info')
  log.write('stopping', 'info', { signal: 'SIGTERM' })
  expect(written).toEqual([
    '{"level":"info","time":"2025-03-04T05:06:07.089Z","service":"gatehouse","version":"1","event":"stopping","signal":"SIGTERM"}\n',
  ])
})

test('an undefined field is left out', () => {
  const { log, written } = into('info')
  log.write('stopping', 'info', { signal: undefined })
  expect(written[0]).not.toContain('signal')
})

for (const level of LOG_LEVELS) {
  test(`at level ${level} no lower line is written`, () => {
    const { log, written } = into(level)
    const levels = ['debug', 'info', 'warn', 'error'] as const
    for (const each of levels) log.write('stopping', each, {})
    const expected = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)).filter((each) => each !== 'silent')
    expect(written.map((line) => JSON.parse(line).level)).toEqual(expected)
    expect(levels.filter(log.isEnabled)).toEqual(expected)
  })
}

const module = new URL('../../src/observe/log.ts', import.meta.url).href
const header = `import { createLog } from ${JSON.stringify(module)}
const log = createLog({ level: 'info', version: '1', now: Date.now })
for (let i = 0; i < 1000; i++) log.write('stopping', 'info', { signal: String(i) })
`

async function run(program: string): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', header + program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { code, lines: output.split('\n').filter(Boolean) }
}

for (const [title, program, expected] of [
  ['ends by itself', '', 0],
  ['calls exit', 'process.exit(3)', 3],
  ['dies of an error that nobody catches', 'process.on("uncaughtException", () => process.exit(7)); throw 1', 7],
] as const) {
  test(`a process that ${title} leaves no line behind`, async () => {
    const { code, lines } = await run(program)
    expect(code).toBe(expected)
    expect(lines.map((line) => JSON.parse(line).signal)).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)))
  })
}

test('a process that goes on writes its lines without being asked', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${header}setInterval(() => {}, 1000)`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let lines = 0
  for await (const chunk of child.stdout) {
    lines += String(chunk).split('\n').length - 1
    if (lines === 1000) break
  }
  child.kill('SIGKILL')
  expect(lines).toBe(1000)
})

test('lines that nobody takes are given up and told of, not kept without end', async () => {
  const program = `import { writeSync } from 'node:fs'
import { createLog } from ${JSON.stringify(module)}
let dropped = 0
const log = createLog({ level: 'info', version: '1', now: () => 0, onDropped: () => dropped++ })
for (let i = 0; i < 50; i++) log.write('stopping', 'info', { signal: 'x'.repeat(1_000_000) })
writeSync(2, String(dropped))
process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  expect(Number(await text(child.stderr))).toBeGreaterThan(30)
})
