import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandLine } from '../machine.ts'
import { CONNECTIONS, type Load } from './load.ts'

/** One line of JSON with what was counted; microseconds to milliseconds. wrk counts 400 and above as errors of status. */
const DONE = `
function done(summary, latency)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.timeout
  if not expects_error then errors = errors + e.status
  elseif e.status ~= summary.requests then errors = errors + summary.requests - e.status end
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"bytes":%d,"p50Ms":%.4f,"p99Ms":%.4f,"errors":%d}\\n',
    summary.requests, summary.duration / 1000000, summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors))
end
`

/** wrk formats the request once, and sends just that. */
const SAME = `
wrk.format = function() return only end
`

/** How to have wrk send one request over and over. It takes whole seconds only. */
export async function wrkCommand(
  command: string,
  { port, requests: [only = ''], status, seconds }: Load,
  directory: string,
): Promise<CommandLine & { input: string }> {
  const script = join(directory, 'wrk.lua')
  await writeFile(script, `only = ${luaText(only)}\nexpects_error = ${status >= 400}\n${SAME}${DONE}`, 'latin1')
  const duration = String(Math.max(1, Math.round(seconds)))
  const url = `http://127.0.0.1:${port}/`
  return { command, args: ['-t1', `-c${CONNECTIONS}`, `-d${duration}`, '--latency', '-s', script, url], input: '' }
}

function luaText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\r/g, '\\r').replace(/\n/g, '\\n')}"`
}
