import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { DEFAULT_PORTS } from '../../demo/ports.ts'
import { type RunningProcess, startProcess } from '../parts/process.ts'
import { at } from '../repository/tree.ts'

const anyPorts = Object.keys(DEFAULT_PORTS).map((name) => `--${name}-port=0`)

/** Runs the demo to its end. */
async function runDemo(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [at('demo/demo.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await ended) as [number]
  return { code, output: out + errors }
}

/** Starts the demo and waits until it says so. */
function startDemo(command: string, args: readonly string[]): Promise<RunningProcess> {
  return startProcess({
    command,
    args: [...args, ...anyPorts],
    cwd: at('.'),
    isReady: ({ output }) => output.includes('Ctrl-C'),
  })
}

test('the smoke run walks the whole journey and exits 0', { timeout: 60_000 }, async () => {
  const { code, output } = await runDemo(['--smoke'])
  expect(output).not.toContain('✗')
  expect(output.match(/✓/g)?.length).toBeGreaterThan(12)
  expect(code).toBe(0)
})

test('the demo says where to go, and Ctrl-C ends it and removes what it wrote', async () => {
  await using demo = await startDemo(process.execPath, ['demo/demo.ts'])
  expect(demo.output()).toMatch(/http:\/\/whoami\.localhost:\d+\//)
  expect(demo.output()).toMatch(/alice .*bob /)
  const resources = /Policies +(\S+)/.exec(demo.output())?.[1] ?? ''
  expect(existsSync(resources)).toBe(true)
  demo.signal('SIGINT')
  expect(await demo.ended).toEqual({ code: 0, signal: null })
  expect(existsSync(dirname(resources))).toBe(false)
})

test('npm hands a signal on to the demo, which ends with exit code 0', async () => {
  await using npm = await startDemo('npm', ['run', '--silent', 'demo', '--'])
  npm.signal('SIGTERM')
  expect(await npm.ended).toEqual({ code: 0, signal: null })
  expect(npm.output()).toContain('Stopped.')
})

test('a port that was asked for and is taken is named with the option that changes it', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { code, output } = await runDemo([...anyPorts, `--proxy-port=${port}`])
  expect(output.trim()).toBe(`Port ${port} (proxy) is taken. Choose another: --proxy-port NUMBER, 0 for any.`)
  expect(code).toBe(1)
  other.close()
})

test('an option that there is not is answered with those that there are', async () => {
  const { code, output } = await runDemo(['--smok'])
  expect(output).toContain('--smoke')
  expect(code).toBe(2)
})
