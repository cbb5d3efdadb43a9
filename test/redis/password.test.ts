import { describe, expect, test } from 'vitest'
import { followPassword, type Password } from '../../src/redis/password.ts'
import type { PasswordFile } from '../../src/redis/settings.ts'
import { until } from '../parts/until.ts'
import { recordedEvents } from './recorded-events.ts'

const FILE: PasswordFile = { path: '/secret', holds: 'Password' }

function followed({ file = FILE, pollMs = 60_000 }: { file?: PasswordFile | undefined; pollMs?: number } = {}) {
  const events = recordedEvents()
  const disk: { content: string | NodeJS.ErrnoException } = { content: 'first\n' }
  const changes: string[] = []
  const readFile = async () => {
    if (typeof disk.content === 'string') return disk.content
    throw disk.content
  }
  const password: Password = followPassword('first', file, { account: 'server', events, readFile, pollMs })
  password.onChange((changed) => changes.push(changed))
  return { password, disk, changes, events: events.passwords }
}

const missing = () => Object.assign(new Error('secret-in-a-message'), { code: 'ENOENT' })

test('is what it was as long as the file says so', async () => {
  const { password, changes, events } = followed()
  await password.reread()
  expect(password.current()).toBe('first')
  expect([changes, events]).toEqual([[], []])
  password.close()
})

test('is the new one as soon as the file is read again, and everybody is told', async () => {
  const { password, disk, changes, events } = followed()
  disk.content = 'second\r\n'
  await Promise.all([password.reread(), password.reread()])
  expect(password.current()).toBe('second')
  expect(changes).toEqual(['second'])
  expect(events).toEqual([{ account: 'server', outcome: 'changed', detail: undefined }])
  password.close()
})

test('is looked at again and again', async () => {
  const { password, disk } = followed({ pollMs: 5 })
  disk.content = 'second'
  await until('it has changed', () => password.current() === 'second')
  password.close()
})

describe('a file that cannot be used leaves the password as it was, and is reported once', () => {
  test.for([
    ['is missing', FILE, missing(), 'ENOENT'],
    ['is empty', FILE, '\n', 'there is no password in it'],
    ['is no URL', { path: '/secret', holds: 'Url' }, 'secret-without-a-url', 'it holds no URL'],
    ['is a URL with a broken password', { path: '/secret', holds: 'Url' }, 'redis://:%E0%A4%A@r', 'it holds no URL'],
    ['is a URL without a password', { path: '/secret', holds: 'Url' }, 'redis://r', 'there is no password in it'],
  ] as const)('it %s', async ([, file, content, detail]) => {
    const { password, disk, changes, events } = followed({ file })
    disk.content = content
    await password.reread()
    await password.reread()
    expect(password.current()).toBe('first')
    expect(events).toEqual([{ account: 'server', outcome: 'unreadable', detail }])

    disk.content = file.holds === 'Url' ? 'redis://user:sec%40ond@r:1/0\n' : 'sec@ond'
    await password.reread()
    expect(events.slice(1)).toEqual([
      { account: 'server', outcome: 'readable', detail: undefined },
      { account: 'server', outcome: 'changed', detail: undefined },
    ])
    expect(changes).toEqual(['sec@ond'])
    expect(JSON.stringify(events)).not.toMatch(/secret-|ond/)
    password.close()
  })
})

test('nothing is read without a file', async () => {
  const events = recordedEvents()
  const readFile = () => Promise.reject(new Error('it was read'))
  const password = followPassword(undefined, undefined, { account: 'sentinel', events, readFile })
  await password.reread()
  expect(password.current()).toBeUndefined()
  password.close()
})
