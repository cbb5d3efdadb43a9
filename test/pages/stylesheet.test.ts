import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { errorPage } from '../../src/pages/error-page.ts'
import { STYLESHEET, STYLESHEET_HASH } from '../../src/pages/stylesheet.ts'

describe('the stylesheet', () => {
  test('is named by its hash, as it stands on the page', () => {
    const { body } = errorPage({ status: 500, title: 'x', what: 'x', next: 'x', reason: undefined })
    const inline = /<style>([\s\S]*?)<\/style>/.exec(body)?.[1] ?? ''
    expect(inline).toBe(`${STYLESHEET}`)
    expect(`sha256-${createHash('sha256').update(inline).digest('base64')}`).toBe(STYLESHEET_HASH)
  })

  const [light, dark] = [...`${STYLESHEET}`.matchAll(/:root\{([^}]*)\}/g)].map(([, rules = '']) => colours(rules))
  const text = [
    ['ink', 'ground'],
    ['ink', 'card'],
    ['ink', 'tint'],
    ['soft', 'ground'],
    ['soft', 'card'],
    ['accent', 'ground'],
    ['accent', 'card'],
    ['accent', 'tint'],
    ['accent-strong', 'card'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
  ] as const
  const parts = [
    ['stop', 'stop-tint'],
    ['wait', 'wait-tint'],
    ['edge', 'card'],
  ] as const

  for (const [name, palette] of Object.entries({ light, dark })) {
    for (const [front, back] of text) {
      test(`${front} on ${back} is legible in ${name} (WCAG AA, 4.5:1)`, () => {
        expect(contrast(palette?.get(front), palette?.get(back))).toBeGreaterThanOrEqual(4.5)
      })
    }
    for (const [front, back] of parts) {
      test(`${front} stands out from ${back} in ${name} (WCAG AA, 3:1)`, () => {
        expect(contrast(palette?.get(front), palette?.get(back))).toBeGreaterThanOrEqual(3)
      })
    }
  }

  test('answers to dark, reduced motion and forced colours, and shows the focus', () => {
    for (const rule of [
      'prefers-color-scheme:dark',
      'prefers-reduced-motion',
      'forced-colors',
      ':focus-visible{outline',
    ]) {
      expect(`${STYLESHEET}`).toContain(rule)
    }
  })
})

function colours(rules: string): ReadonlyMap<string, string> {
  return new Map(
    [...rules.matchAll(/--([\w-]+):(#[0-9a-f]{3,6})/g)].map(([, name = '', colour = '']) => [name, colour]),
  )
}

/** The ratio of WCAG 2.2. */
function contrast(front: string | undefined, back: string | undefined): number {
  const [darker = 0, lighter = 0] = [luminance(front ?? ''), luminance(back ?? '')].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, '$&$&') : colour.slice(1)
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = (digits.match(/../g) ?? []).map((pair) => {
    const share = Number.parseInt(pair, 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
