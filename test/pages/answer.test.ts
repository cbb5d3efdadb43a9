import { describe, expect, test } from 'vitest'
import { type Answer, jsonAnswer, page, redirect, withHeaders } from '../../src/pages/answer.ts'
import { html } from '../../src/pages/html.ts'

function headerOf({ headers }: Answer, name: string): string | undefined {
  return headers.find(([known]) => known === name)?.[1]
}

describe('page', () => {
  test('names the origins that a form may lead to, each once', () => {
    const formOrigins = ['https://accounts.example.com', 'http://localhost:9000', 'https://accounts.example.com']
    expect(headerOf(page(200, html`x`, { formOrigins }), 'Content-Security-Policy')).toContain(
      "; form-action 'self' https://accounts.example.com http://localhost:9000; ",
    )
  })

  for (const origin of [
    "https://x.example; script-src 'unsafe-inline'",
    'https://x.example/',
    '*',
    'null',
    'data:',
    '',
  ]) {
    test(`refuses ${JSON.stringify(origin)} as an origin`, () => {
      expect(() => page(200, html`x`, { formOrigins: [origin] })).toThrow(TypeError)
    })
  }

  for (const [seconds, expected] of [
    [5, '5'],
    [0, '1'],
    [0.2, '1'],
    [2.1, '3'],
  ] as const) {
    test(`words ${seconds} s as Retry-After: ${expected}`, () => {
      expect(headerOf(page(503, html`x`, { retryAfterSeconds: seconds }), 'Retry-After')).toBe(expected)
    })
  }

  test('never sends Strict-Transport-Security, which is the site’s own to set', () => {
    expect(headerOf(page(200, html`x`), 'Strict-Transport-Security')).toBeUndefined()
  })
})

describe('jsonAnswer', () => {
  test('is never kept and adds the headers given', () => {
    expect(jsonAnswer(401, { error: 'login-required' }, [['WWW-Authenticate', 'Gatehouse']])).toEqual({
      status: 401,
      headers: [
        ['Content-Type', 'application/json'],
        ['Cache-Control', 'no-store'],
        ['Referrer-Policy', 'same-origin'],
        ['X-Content-Type-Options', 'nosniff'],
        ['WWW-Authenticate', 'Gatehouse'],
      ],
      body: '{"error":"login-required"}\n',
    })
  })
})

describe('redirect', () => {
  test('sends the browser on, with its cookies', () => {
    const answer = redirect(303, 'https://app.example.com/x?y=%0A', [['Set-Cookie', 'a=b']])
    expect(answer).toMatchObject({ status: 303, body: '' })
    expect(headerOf(answer, 'Location')).toBe('https://app.example.com/x?y=%0A')
    expect(headerOf(answer, 'Cache-Control')).toBe('no-store')
    expect(headerOf(answer, 'Set-Cookie')).toBe('a=b')
  })

  for (const location of ['', '/a\r\nSet-Cookie: x=y', '/a\nb', '/a\tb', '/a\0b', '/a b', '/ü', '/\x7f']) {
    test(`refuses ${JSON.stringify(location)}`, () => expect(() => redirect(302, location)).toThrow(TypeError))
  }
})

describe('withHeaders', () => {
  test('adds to what is there and leaves the first answer alone', () => {
    const first = redirect(302, '/')
    const second = withHeaders(first, [
      ['Set-Cookie', 'a=b'],
      ['Set-Cookie', 'c=d'],
    ])
    expect(second.headers).toHaveLength(first.headers.length + 2)
    expect(headerOf(first, 'Set-Cookie')).toBeUndefined()
  })
})
