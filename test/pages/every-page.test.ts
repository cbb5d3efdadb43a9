import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admittedHref } from '../../src/pages/href.ts'
import { everyPage } from './sample.ts'

const HOSTILE = [
  '<script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '</style><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '" autofocus onfocus="alert(1)',
  '<!--',
  ']]><b>',
  '&lt;b&gt;',
  '<b>\u0000</b>',
  '{{7*7}}`<b>`',
]

const HOSTILE_HREFS = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '"><script>alert(1)</script>',
  "/x' onclick='alert(1)\"",
]

/** All tags of a page with their attributes' values left out, apart from the place where a long address may break. */
function skeleton(body: string): readonly string[] {
  return (body.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""')).filter((tag) => tag !== '<wbr>')
}

function targets(body: string): readonly string[] {
  return [...body.matchAll(/(?:href|action|content)="([^"]*)"/g)].map(([, target = '']) => target)
}

const REFERENCE = everyPage('plain', '/plain', 3)

describe('every page', () => {
  for (const { name, status, answer } of everyPage('Grafana', `/login?${'x'.repeat(200)}`)) {
    test(`${name}: status, headers and size are as promised`, () => {
      const headers = Object.fromEntries(answer.headers)
      expect(answer.status).toBe(status)
      expect(Object.keys(headers)).toHaveLength(answer.headers.length)
      expect(headers).toEqual({
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'same-origin',
        'X-Content-Type-Options': 'nosniff',
        'X-Frame-Options': 'DENY',
        'Content-Security-Policy': expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
        ),
        ...(status === 503 ? { 'Retry-After': '5' } : {}),
      })
      expect(Buffer.byteLength(answer.body)).toBeLessThan(20_000)
    })

    test(`${name}: is one complete document that loads and runs nothing`, () => {
      const { body } = answer
      expect(body).toMatch(/^<!doctype html>\n<html lang="en">/)
      expect(body).toMatch(/<title>[^<]+ · Gatehouse<\/title>/)
      expect(body).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">')
      expect(body.match(/<h1[ >]/g)).toHaveLength(1)
      expect(body.match(/<main[ >]/g)).toHaveLength(1)
      expect(body.match(/<style>/g)).toHaveLength(1)
      expect(body).not.toMatch(/<script|<iframe|<object|<base|\sstyle=|\son\w+=|\ssrc=|@import|url\(/i)
      expect(body).not.toMatch(/undefined|\[object|NaN/)
    })

    test(`${name}: closes its elements in order, and every link and button says where it leads`, () => {
      const { body } = answer
      expect(unbalanced(body)).toEqual([])
      for (const [, label = ''] of body.matchAll(/<(?:a|button)\s[^>]*>([\s\S]*?)<\/(?:a|button)>/g)) {
        const spoken = label
          .replace(/<span class="initial" aria-hidden="true">[^<]*<\/span>/g, '')
          .replace(/<[^>]*>/g, '')
        expect(spoken.trim()).not.toBe('')
      }
      for (const [drawing] of body.matchAll(/<svg[^>]*>/g)) {
        expect(drawing.includes('aria-hidden="true"') || body.includes(`aria-hidden="true">${drawing}`)).toBe(true)
      }
    })
  }

  for (const text of HOSTILE) {
    test(`shows ${JSON.stringify(text)} as text wherever it stands`, () => {
      everyPage(text, '/plain', 3).forEach(({ name, answer }, index) => {
        expect(answer.body, name).not.toContain(text)
        expect(skeleton(answer.body), name).toEqual(skeleton(REFERENCE[index]?.answer.body ?? ''))
      })
    })
  }

  test('has the same tags whatever its texts are', () => {
    const pieces = fc.constantFrom('<', '>', '"', "'", '`', '&', '=', '/', '--', '\n', '\0', ' ', 'onload', 'script')
    const text = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 12 })
    fc.assert(
      fc.property(
        text.map((parts) => parts.join('')).filter((joined) => joined.trim() !== ''),
        (joined) => {
          everyPage(joined, '/plain', 3).forEach(({ answer }, index) => {
            expect(skeleton(answer.body)).toEqual(skeleton(REFERENCE[index]?.answer.body ?? ''))
          })
        },
      ),
    )
  })

  for (const href of HOSTILE_HREFS) {
    test(`never links to ${JSON.stringify(href)}`, () => {
      for (const { name, answer } of everyPage('plain', href, 3)) {
        expect(answer.body, name).not.toContain(href)
        expect(
          targets(answer.body).filter((target) => /script:|evil|text\/html/i.test(target)),
          name,
        ).toEqual([])
      }
    })
  }

  test('links only to what is admitted, whatever the address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.constantFrom(...HOSTILE_HREFS)), (href) => {
        for (const { answer } of everyPage('plain', href, 1)) {
          for (const [, target = ''] of answer.body.matchAll(/<(?:a|form)\s[^>]*(?:href|action)="([^"]*)"/g)) {
            expect(admittedHref(unescaped(target))).toBeDefined()
          }
        }
      }),
    )
  })
})

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#96;', '`')
    .replaceAll('&amp;', '&')
}

const VOID = new Set(['meta', 'link', 'wbr', '!doctype'])

/** Elements that are opened and not closed, or closed out of order. */
function unbalanced(body: string): readonly string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [tag, slash, name = ''] of body
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .matchAll(/<(\/?)([!a-z][\w]*)[^>]*>/gi)) {
    if (VOID.has(name.toLowerCase()) || tag.endsWith('/>')) continue
    if (slash === '') open.push(name)
    else if (open.pop() !== name) wrong.push(tag)
  }
  return [...wrong, ...open]
}
