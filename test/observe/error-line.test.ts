import { expect, test } from 'vitest'
import { errorLine } from '../../src/observe/error-line.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'

test('tells class, reason, message, stack and cause', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' })
  const line = errorLine(new StoreUnavailableError('no answer', { cause }))
  expect(line).toMatchObject({
    name: 'StoreUnavailableError',
    reason: 'store-unavailable',
    message: 'no answer',
    cause: { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:6379' },
  })
  expect(line.stack).toMatch(/^\s+at .*error-line\.test\.ts/)
})

test('leaves out everything else that hangs on an error', () => {
  const error = Object.assign(new Error('refused'), { request: { headers: 'x' }, reason: { token: 't' }, code: 403 })
  expect(Object.keys(errorLine(error))).toEqual(['name', 'message', 'stack'])
})

test('tells only the type of what is no error', () => {
  expect(errorLine('secret')).toEqual({ name: 'string' })
  expect(errorLine({ token: 'secret' })).toEqual({ name: 'object' })
  expect(errorLine(undefined)).toEqual({ name: 'undefined' })
})

test('takes the first of several errors for the cause', () => {
  expect(errorLine(new AggregateError([new TypeError('first'), new Error('second')]))).toMatchObject({
    name: 'AggregateError',
    cause: { name: 'TypeError', message: 'first' },
  })
})

test('ends a chain of causes that never ends', () => {
  const error = new Error('round')
  error.cause = error
  expect(JSON.stringify(errorLine(error)).match(/"name"/g)).toHaveLength(4)
})

test('does not take a message for a frame', () => {
  expect(errorLine(new Error('a\nb c=d')).stack).not.toContain('b c')
})
