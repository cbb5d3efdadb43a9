import { expect, test } from 'vitest'
import {
  AUTH_SIGNIN,
  AUTH_URL,
  BUFFER,
  edited,
  type IngressParts,
  ingress,
  MIDDLEWARES,
  POLICIES,
  RESPONSE,
  WIRED,
  wired,
} from './ingress-world.ts'

/** The annotations left once an Ingress that was wired is not annotated any more; undefined: nothing is touched. */
function undone(
  parts: IngressParts,
  change: (annotations: Record<string, string>) => Record<string, string> = (all) => all,
) {
  const { [POLICIES]: _, ...annotations } = edited(wired(ingress(parts))) ?? {}
  return edited(wired(ingress({ ...parts, annotations: change(annotations) })))
}

const theirs = { [POLICIES]: 'a', [MIDDLEWARES]: 'a@file, b@file', other: 'x' }

test.for(['nginx', 'traefik', undefined])('everything that we wrote goes, with class %s', (className) => {
  expect(undone({ className })).toEqual({})
})

test('what others wrote stays', () => {
  expect(undone({ className: 'traefik', annotations: theirs })).toEqual({ [MIDDLEWARES]: 'a@file, b@file', other: 'x' })
  const mixed = { [POLICIES]: 'a', [AUTH_SIGNIN]: 'https://mine', [RESPONSE]: 'X-Mine', [BUFFER]: '64k' }
  expect(undone({ annotations: mixed })).toEqual({
    [AUTH_SIGNIN]: 'https://mine',
    [RESPONSE]: 'X-Mine',
    [BUFFER]: '64k',
  })
})

test('what others wrote afterwards stays', () => {
  const changed = undone({}, (all) => ({ ...all, [AUTH_URL]: 'http://mine/auth', [BUFFER]: '32k' }))
  expect(changed).toEqual({ [AUTH_URL]: 'http://mine/auth', [BUFFER]: '32k' })
})

test('without the mark nothing is touched, be it of our making or not', () => {
  for (const className of ['nginx', 'traefik']) {
    const unmarked = undone({ className }, ({ [WIRED]: _, ...all }) => all)
    expect(unmarked).toBeUndefined()
  }
  expect(edited(wired(ingress({ annotations: {} })))).toBeUndefined()
})

test('the mark alone goes', () => {
  expect(edited(wired(ingress({ annotations: { [WIRED]: 'whatever' } })))).toEqual({})
})

test('an Ingress that is going away is left alone', () => {
  const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
  expect(wired(ingress({ annotations: { [WIRED]: 'traefik' }, metadata })).edits).toEqual([])
  expect(wired(ingress({ metadata }))).toMatchObject({ objects: [], edits: [], problems: [] })
})
