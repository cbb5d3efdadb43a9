import { ReplyError } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { failureOf, replyCode } from '../../src/redis/failure.ts'

describe('what a server answers is told apart by its code', () => {
  const cases: [string, string][] = [
    ['LOADING Redis is loading the dataset in memory', 'refused'],
    ["READONLY You can't write against a read only replica.", 'refused'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'refused'],
    ['EXECABORT Transaction discarded because of previous errors.', 'refused'],
    ['NOAUTH Authentication required.', 'refused'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'refused'],
    ['NOPERM User gatehouse has no permissions', 'refused'],
    ['CLUSTERDOWN The cluster is down', 'refused'],
    ['MASTERDOWN Link with MASTER is down', 'refused'],
    ['MISCONF Redis is configured to save RDB snapshots', 'refused'],
    ['NOREPLICAS Not enough good replicas to write.', 'refused'],
    ['BUSY Redis is busy running a script.', 'refused'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'unreadable'],
    ["ERR unknown command 'GETDEL'", 'misused'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'misused'],
  ]
  test.for(cases)('%s', ([message, kind]) => {
    expect(failureOf(new ReplyError(message))).toEqual({ kind, detail: message.split(' ')[0] })
    expect(replyCode(new ReplyError(message))).toBe(message.split(' ')[0])
  })
})

test('a right that is missing within a script is told from a command that does not exist', () => {
  const text = "ERR The user executing the script can't run this command or subcommand script: ab, on @user_script:22."
  expect(failureOf(new ReplyError(text))).toEqual({ kind: 'refused', detail: 'NOPERM' })
})

test('what is not an answer means that there was none', () => {
  expect(failureOf(new Error('Command timed out'))).toEqual({ kind: 'silent', detail: 'Command timed out' })
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' })
  expect(failureOf(refused)).toEqual({ kind: 'silent', detail: 'ECONNREFUSED' })
  expect(failureOf(Object.assign(new AggregateError([]), { code: 'ETIMEDOUT' }))?.kind).toBe('silent')
})

test('a fault in our own code is not the server’s failure', () => {
  for (const fault of [new TypeError('x'), new RangeError('x'), new ReferenceError('x'), 'text', undefined]) {
    expect(failureOf(fault)).toBeUndefined()
  }
})

test('the detail of an answer holds nothing of the command, which may have carried a password', () => {
  const error = new ReplyError("ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2'")
  expect(JSON.stringify(failureOf(error))).not.toContain('hunter2')
})
