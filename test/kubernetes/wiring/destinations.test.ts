import { expect, test } from 'vitest'
import { publishedBy } from '../../../src/kubernetes/wiring/destinations.ts'
import { ingress, type Path } from './ingress-world.ts'

const A = 'a.example.com'
const exact = (path: string) => ({ host: A, path, pathType: 'Exact' })
const own = (path: unknown) => ({ host: A, path, pathType: 'ImplementationSpecific' })

function published(paths: Path[], isRegex = false, spec: object = {}) {
  const { destinations, flaws, notes } = publishedBy(ingress({ paths, spec }), () => isRegex)
  return {
    destinations: destinations.map(({ host, path }) => `${host}${path}`),
    reasons: flaws.map(({ reason }) => reason),
    notes,
  }
}

const cases: [string, Path[], string[], string[]][] = [
  ['a prefix', [`${A}/`], [`${A}/`], []],
  ['a prefix with a slash at its end', [`${A}/admin/`], [`${A}/admin`], []],
  ['an exact path', [exact('/admin')], [`${A}/admin`], []],
  ['no path', [own(undefined)], [`${A}/`], []],
  ['a star at the end', [own('/files/*')], [`${A}/files`], []],
  ['a wildcard host', ['*.example.com/'], ['*.example.com/'], []],
  ['the same path twice', [`${A}/x`, `${A}/x/`, exact('/x')], [`${A}/x`], []],
  ['the same path in other letters', [`${A}/x`, `${A}/X`], [`${A}/x`], []],
  ['a path below another', [`${A}/x/y`, `${A}/x`, `${A}/xy`], [`${A}/x`, `${A}/xy`], []],
  [
    'paths that a dash or a dot sorts between',
    [`${A}/x-y`, `${A}/x/y`, `${A}/x`, `${A}/x.y/z`],
    [`${A}/x-y`, `${A}/x`, `${A}/x.y/z`],
    [],
  ],
  ['everything below the root', [`${A}/x/y`, `${A}/`, 'b.example.com/z'], [`${A}/`, 'b.example.com/z'], []],
  ['a rule without a host', [{ path: '/' }], [], ['HostMissing']],
  ['an empty host', [{ host: '', path: '/' }, `${A}/`], [`${A}/`], ['HostMissing']],
  ['a host that is none', [{ host: 'A_b', path: '/' }, `${A}/`], [`${A}/`], ['HostNotSupported']],
  ['a wildcard over a whole top level', [{ host: '*.com', path: '/' }], [], ['HostMissing', 'HostNotSupported']],
  ['a path with parameters', [own('/a/b;v=1/c')], [`${A}/a`], ['PathNotSupported']],
  ['a path with an encoded slash', [own('/a%2fb')], [`${A}/`], ['PathNotSupported']],
  ['a star within', [own('/a/*/b')], [`${A}/a`], ['PathNotSupported']],
  ['no rules', [], [], ['HostMissing']],
]

test.for(cases)('%s', ([, paths, destinations, reasons]) => {
  expect(published(paths)).toEqual({ destinations, reasons, notes: [] })
})

test('a regular expression counts by its literal prefix, and the author is told', () => {
  expect(published([own('/api(/|$)(.*)'), own('/web')], true)).toEqual({
    destinations: [`${A}/api`, `${A}/web`],
    reasons: [],
    notes: ['Of a regular expression its literal prefix counts: /api(/|$)(.*) counts as /api.'],
  })
})

test('a rule without paths is about the whole host', () => {
  expect(published([], false, { rules: [{ host: A }] }).destinations).toEqual([`${A}/`])
})

test('a default backend is refused, beside rules and alone', () => {
  const spec = { defaultBackend: { service: { name: 'app', port: { number: 80 } } } }
  expect(published([`${A}/`], false, spec)).toMatchObject({ destinations: [`${A}/`], reasons: ['HostMissing'] })
  expect(published([], false, spec).reasons).toEqual(['HostMissing'])
})

test('200 rules below one prefix are one destination', () => {
  const paths = Array.from({ length: 200 }, (_, index) => `${A}/api/${index}`)
  expect(published([...paths, `${A}/api`])).toEqual({ destinations: [`${A}/api`], reasons: [], notes: [] })
})

test('200 rules that have nothing in common are too many', () => {
  const paths = Array.from({ length: 200 }, (_, index) => `${A}/api/${index}`)
  const { flaws } = publishedBy(ingress({ paths }), () => false)
  expect(flaws).toEqual([
    {
      reason: 'TooManyDestinations',
      message: expect.stringContaining('200 hosts and paths, of which an application can have 64'),
    },
  ])
})

test('of many wrong paths a few are named', () => {
  const paths = Array.from({ length: 200 }, (_, index) => own(`/a;${index}`))
  const [flaw] = publishedBy(ingress({ paths }), () => false).flaws
  expect(flaw?.message).toContain('/a;0, /a;1, /a;2 and 197 more: ')
})
