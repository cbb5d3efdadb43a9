import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from './needs.ts'
import { type RedisPart, startRedis } from './redis.ts'
import { redisCommand } from './redis-command.ts'
import { causedBy, commandsDuring } from './redis-monitor.ts'

const login = { username: 'gate', password: 'opens' }

needs('redis-server', 'watching what a Redis server is sent', () => {
  let server: RedisPart
  beforeAll(async () => {
    server = await startRedis({ args: ['--user', 'gate', 'on', '>opens', '~*', '&*', '+@all'] })
  })
  afterAll(() => server?.stop())

  test('adds nothing of its own', async () => {
    for (let round = 0; round < 10; round += 1) expect(await commandsDuring(server, async () => {})).toEqual([])
  })

  test('gives all words of each command, and none that a script gives', async () => {
    const script = 'return redis.call("SET", KEYS[1], "1")'
    const words = ['SET', 'a:session:b', 'it says "no" and \\ "yes"']
    const commands = await commandsDuring({ port: server.port, login }, async () => {
      await redisCommand(server.port, words)
      await redisCommand(server.port, ['EVAL', script, 1, 'key'])
    })
    const sent = commands.filter(([name = '']) => /^(set|eval)$/i.test(name))
    expect(sent.map(([name]) => name)).toEqual(['SET', 'EVAL'])
    expect(sent[0]?.slice(0, 2)).toEqual(words.slice(0, 2))
    expect(sent[0]).toHaveLength(3)
    expect(causedBy(commands)).toEqual(['set'])
  })

  test('starts while others send without a pause', async () => {
    const busy = new Redis({ port: server.port })
    let isOver = false
    const sending = (async () => {
      while (!isOver) await Promise.all(Array.from({ length: 50 }, () => busy.get('key')))
    })()
    try {
      for (let round = 0; round < 20; round += 1) {
        const commands = await commandsDuring(server, () => busy.set('round', round).then(() => {}))
        expect(commands).toContainEqual(['set', 'round', `${round}`])
      }
    } finally {
      isOver = true
      await sending
      busy.disconnect()
    }
  })

  test('says so when it may not log in', async () => {
    const wrong = commandsDuring({ port: server.port, login: { ...login, password: 'closed' } }, async () => {})
    await expect(wrong).rejects.toThrow()
  })
})
