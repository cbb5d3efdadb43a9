import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admittedHref, link } from '../../src/pages/href.ts'

const ADMITTED = [
  '/',
  '/login',
  '/login?rd=%2F%2Fevil.example',
  '/a//b',
  '/x:y',
  '/?u=https://evil.example',
  'https://app.example.com/',
  'https://app.example.com',
  'http://app.localhost:8000/x?y#z',
  'HTTPS://APP.example.com/',
]

const REFUSED = [
  '',
  'login',
  './login',
  '?x',
  '#x',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/x\\y',
  '/\t/evil.example',
  '/\n/evil.example',
  ' /login',
  '/login x',
  '\u00a0/login',
  '/ü',
  'javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  '\x01javascript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,x',
  'blob:https://x.example/1',
  'file:///etc/passwd',
  'vbscript:x',
  'ftp://x.example/',
  'mailto:a@example.com',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'https://',
  'https://user@evil.example/',
  'https://app.example.com:x@evil.example/',
  'https://app.example.com\\@evil.example/',
  'https://a b/',
  'https://[/',
]

describe('admittedHref', () => {
  for (const href of ADMITTED) test(`admits ${href}`, () => expect(admittedHref(href)).toBe(href))
  for (const href of REFUSED) test(`refuses ${JSON.stringify(href)}`, () => expect(admittedHref(href)).toBeUndefined())

  test('never lets a path leave its origin, nor anything but the web through', () => {
    const text = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc
        .array(fc.constantFrom('/', '\\', ':', '@', 'https', '\t', '.', 'x', '?', '#', '%2f'), { maxLength: 8 })
        .map((a) => a.join('')),
    )
    fc.assert(
      fc.property(text, (href) => {
        if (admittedHref(href) === undefined) return
        const url = new URL(href, 'https://here.example')
        expect(url.protocol).toMatch(/^https?:$/)
        if (href.startsWith('/')) expect(url.origin).toBe('https://here.example')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('link', () => {
  test('keeps the label where the target is not admitted', () => {
    expect(`${link('javascript:alert(1)', 'Try <again>', 'button')}`).toBe(
      '<span class="button off">Try &lt;again&gt;</span>',
    )
    expect(`${link('/x?a=1&b=2', 'Go')}`).toBe('<a class="text" href="/x?a=1&amp;b=2">Go</a>')
  })
})
