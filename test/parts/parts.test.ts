import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCaddy } from './caddy.ts'
import { type ChromiumPart, launchChromium } from './chromium.ts'
import { needs } from './needs.ts'
import { startNginx } from './nginx.ts'
import { freePort, freePorts, isListening } from './port.ts'
import { startProcess } from './process.ts'
import { type RedisPart, startRedis } from './redis.ts'
import { until } from './until.ts'

describe('a started process', () => {
  const node = (script: string) => ({ command: process.execPath, args: ['-e', script] })

  test('is given back once it is ready, and is gone after stop', async () => {
    const started = await startProcess({
      ...node('console.log("ready"); setInterval(() => {}, 1000)'),
      isReady: ({ output }) => output.includes('ready'),
    })
    expect(started.isRunning).toBe(true)
    await started.stop()
    await started.stop()
    expect(started.isRunning).toBe(false)
    expect(() => process.kill(started.pid, 0)).toThrow('ESRCH')
  })

  test('that ends too early is an error that shows what it wrote', async () => {
    const started = startProcess({ ...node('console.error("no such option"); process.exit(3)'), isReady: () => false })
    await expect(started).rejects.toThrow('no such option')
  })

  test('that never becomes ready is stopped', async () => {
    let pid = 0
    const started = startProcess({
      ...node('setInterval(() => {}, 1000)'),
      readyTimeoutMs: 200,
      isReady: (soFar) => {
        pid = soFar.pid
        return false
      },
    })
    await expect(started).rejects.toThrow('did not start')
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('whose program does not exist is an error that says so', async () => {
    const started = startProcess({ command: '/nonexistent/program', args: [], isReady: () => true })
    await expect(started).rejects.toThrow('ENOENT')
  })
})

test('free ports differ and nobody listens on them', async () => {
  const { first, second } = await freePorts(['first', 'second'])
  expect(first).not.toBe(second)
  expect(await isListening(first)).toBe(false)
})

test('a free port is given to one process at a time', async () => {
  const port = await freePort()
  const module = JSON.stringify(new URL('port.ts', import.meta.url).href)
  await using other = await startProcess({
    command: process.execPath,
    args: [
      '--input-type=module',
      '-e',
      `console.log(await (await import(${module})).claimPort(${port})); setInterval(() => {}, 1000)`,
    ],
    isReady: ({ output }) => output.endsWith('\n'),
  })
  expect(other.output()).toBe('false\n')
})

needs('redis-server', 'a real Redis', () => {
  let redis: RedisPart
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  test('answers at its url', async () => {
    expect(await ask(redis.port, 'PING\r\n')).toBe('+PONG\r\n')
  })

  test('accepts and stays silent while it is paused', async () => {
    redis.pause()
    const answer = ask(redis.port, 'PING\r\n')
    expect(await isListening(redis.port)).toBe(true)
    redis.resume()
    expect(await answer).toBe('+PONG\r\n')
  })

  test('comes back on its port after a crash', async () => {
    const { pid } = redis
    await redis.kill9()
    expect(await isListening(redis.port)).toBe(false)
    await redis.restart()
    expect(redis.pid).not.toBe(pid)
    expect(await ask(redis.port, 'PING\r\n')).toBe('+PONG\r\n')
  })
})

needs('nginx', 'a real nginx', () => {
  test('serves its configuration, and leaves neither process nor directory', async () => {
    const nginx = await startNginx({
      listeners: ['app'],
      http: (ports) => `server { listen 127.0.0.1:${ports.app}; return 200 "hello"; }`,
    })
    const answer = await fetch(`http://127.0.0.1:${nginx.ports.app}/`)
    expect(await answer.text()).toBe('hello')
    await nginx.stop()
    expect(await isListening(nginx.ports.app)).toBe(false)
    expect(existsSync(nginx.directory)).toBe(false)
  })

  test('with a broken configuration is an error that shows its log', async () => {
    await expect(startNginx({ listeners: ['app'], http: () => 'no_such_directive on;' })).rejects.toThrow(
      /unknown directive "no_such_directive"/,
    )
  })
})

needs('caddy', 'a real Caddy', () => {
  test('serves its Caddyfile, and leaves neither process nor directory', async () => {
    const caddy = await startCaddy({
      listeners: ['app'],
      caddyfile: (ports) => `http://:${ports.app} {\n  respond "hello from {host}"\n}`,
    })
    const answer = await fetch(`http://localhost:${caddy.ports.app}/`)
    expect(await answer.text()).toBe('hello from localhost')
    await caddy.stop()
    expect(await isListening(caddy.ports.app)).toBe(false)
    expect(existsSync(caddy.directory)).toBe(false)
  })
})

needs(['chromium', 'caddy'], 'a real Chromium', () => {
  let browser: ChromiumPart
  let httpsPort: number
  const stack = new AsyncDisposableStack()

  beforeAll(async () => {
    const caddy = stack.use(
      await startCaddy({
        listeners: ['https'],
        caddyfile: (ports) => `https://app.example.test:${ports.https} {\n  respond "hello from {host}"\n}`,
      }),
    )
    httpsPort = caddy.ports.https
    browser = stack.use(await launchChromium({ hosts: { '*.example.test': httpsPort } }))
  })
  afterAll(() => stack.disposeAsync())

  test('reaches a test server by a name and the default port', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto('https://app.example.test/')
    expect(await page.textContent('body')).toBe('hello from app.example.test')
  })

  test('reaches names under localhost, with the port of the URL', async () => {
    const port = await freePort()
    const server = createServer((request, response) => response.end(request.headers.host)).listen(port, '127.0.0.1')
    const page = await (await browser.newContext()).newPage()
    await page.goto(`http://app.localhost:${port}/`)
    expect(await page.textContent('body')).toBe(`app.localhost:${port}`)
    server.close()
    server.closeAllConnections()
  })

  test('reaches nothing else', async () => {
    const page = await (await browser.newContext()).newPage()
    await expect(page.goto('http://example.com/')).rejects.toThrow('ERR_NAME_NOT_RESOLVED')
  })
})

async function ask(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString()
  })
  socket.write(text)
  try {
    return await until('the server has answered', () => answer !== '' && answer)
  } finally {
    socket.destroy()
  }
}
