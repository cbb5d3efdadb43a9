import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const url = (file: string) => JSON.stringify(new URL(`../../src/observe/${file}`, import.meta.url).href)

function run(program: string) {
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
}

test('lines of the log and of the audit trail never get mixed up, however slowly they are read', async () => {
  const child = run(`import { createLog } from ${url('log.ts')}
import { standardOutput } from ${url('standard-output.ts')}
const output = standardOutput()
const log = createLog({ level: 'info', version: '1', now: () => 0, stream: output })
for (let i = 0; i < 5000; i++) {
  log.write('stopping', 'info', { signal: 'x'.repeat(i % 700) })
  output.write(JSON.stringify({ audit: 1, id: i, pad: 'y'.repeat(i % 500) }) + '\\n')
  if (i % 100 === 0) await new Promise(setImmediate)
}`)
  const lines = (await text(child.stdout)).split('\n').filter(Boolean)
  const records = lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit === 1)
  expect(records.map(({ id }) => id)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
  expect(lines).toHaveLength(10_000)
})

test('a line is not taken once the reader has left', async () => {
  const child = run(`import { writeSync } from 'node:fs'
import { standardOutput } from ${url('standard-output.ts')}
const output = standardOutput()
const timer = setInterval(() => {
  if (output.write('x'.repeat(10_000) + '\\n')) return
  clearInterval(timer)
  writeSync(2, 'not taken')
}, 5)`)
  await once(child.stdout, 'readable')
  child.stdout.destroy()
  expect(await text(child.stderr)).toBe('not taken')
})
