import { describe, expect, test } from 'vitest'
import { operations } from '../../src/admin/operations.ts'
import { requestText, startWire } from '../check/wire.ts'
import { createWorld as createCheckWorld } from '../check/world.ts'
import { loginWorld } from '../login/world.ts'
import { portalOnPort } from '../portal/wire.ts'
import { freshSid } from '../sessions/sample-session.ts'
import { TOKEN } from './world.ts'

/** What the admin API is asked for, spelt as a proxy in front of another listener might pass it on. */
const calls = Object.values(operations).flatMap(({ method, path }) => {
  const target = path.replace('{sid}', freshSid())
  return ['', '/admin', '/.gatehouse', '//127.0.0.1:9091'].map((prefix) => ({ method, path: `${prefix}${target}` }))
})

describe('the admin API is not reached', () => {
  test.for(calls)('through the portal: $method $path', async ({ method, path }) => {
    const world = await loginWorld()
    await using portal = await portalOnPort(world)
    for (const host of ['auth.example.com', 'app.example.com', '127.0.0.1:9091']) {
      const lines = [
        `${method} ${path} HTTP/1.1`,
        `Host: ${host}`,
        `Authorization: Bearer ${TOKEN}`,
        'Connection: close',
      ]
      const { status, headers, body } = await portal.raw(`${lines.join('\r\n')}\r\n\r\n`)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(headers)).not.toContain('problem+json')
      expect(body).not.toMatch(/"(sessions|reason|state)"/)
    }
  })

  test.for(calls)('through the check listener: $method $path', async ({ method, path }) => {
    const wire = await startWire(createCheckWorld())
    const [answer] = await wire.exchange(requestText(path, [['Authorization', `Bearer ${TOKEN}`]], { method }))
    await wire.close()
    expect(answer?.status).toBeGreaterThanOrEqual(400)
    expect(answer?.body).not.toMatch(/"(sessions|state)"/)
  })
})
