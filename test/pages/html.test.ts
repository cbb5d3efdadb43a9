import { describe, expect, test } from 'vitest'
import { html } from '../../src/pages/html.ts'

const cases = [
  { value: '<b>', expected: '&lt;b&gt;' },
  { value: 'a & b', expected: 'a &amp; b' },
  { value: '&amp;', expected: '&amp;amp;' },
  { value: `"'\``, expected: '&quot;&#39;&#96;' },
  { value: 7, expected: '7' },
  { value: undefined, expected: '' },
  { value: false, expected: '' },
  { value: '', expected: '' },
  { value: [], expected: '' },
  { value: html`<i>${'<'}</i>`, expected: '<i>&lt;</i>' },
  { value: [html`<i>1</i>`, '<', undefined, [html`<i>2</i>`]], expected: '<i>1</i>&lt;<i>2</i>' },
  { value: 'two\nlines\tand a tab', expected: 'two\nlines\tand a tab' },
  { value: 'nul \0, escape \x1b, delete \x7f', expected: 'nul \ufffd, escape \ufffd, delete \ufffd' },
  { value: 'moc.live\u202e@ada', expected: 'moc.live\ufffd@ada' },
  { value: 'half a pair \ud800', expected: 'half a pair \ufffd' },
  { value: 'Łódź שלום 東京 👩‍💻', expected: 'Łódź שלום 東京 👩‍💻' },
] as const

describe('html', () => {
  for (const { value, expected } of cases) {
    test(`renders ${JSON.stringify(value)} in text and in a quoted attribute`, () => {
      expect(`${html`<p title="${value}">${value}</p>`}`).toBe(`<p title="${expected}">${expected}</p>`)
    })
  }

  test('takes nothing for markup that only looks like it', () => {
    const lookalike = { toString: () => '<b>' } as unknown as string
    expect(() => `${html`<p>${lookalike}</p>`}`).toThrow(TypeError)
  })

  test('refuses text inside a tag without quotes', () => {
    const text = 'x onload=alert(1)'
    expect(() => html`<p class=${text}>`).toThrow(TypeError)
    expect(() => html`<p class="${'a'}" title=${text}>`).toThrow(TypeError)
    expect(() => html`<p ${text}>`).toThrow(TypeError)
    expect(() => html`a "quote" <p ${text}>`).toThrow(TypeError)
  })

  test('admits markup inside a tag', () => {
    expect(`${html`<p${html` class="${'a'}"`}${false}>`}`).toBe('<p class="a">')
  })
})
