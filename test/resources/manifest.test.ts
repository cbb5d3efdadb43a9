import { expect, test } from 'vitest'
import { readManifest } from '../../src/resources/manifest.ts'
import { objectLabel } from '../../src/resources/objects.ts'
import { problemText } from '../../src/resources/problem.ts'

function read(text: string) {
  const documents = [...readManifest(text, 'a.yaml')]
  return {
    labels: documents.flatMap(({ objects }) => objects.map(objectLabel)),
    sound: documents.flatMap(({ objects }) => objects.filter(({ object }) => object !== undefined)).length,
    claims: documents.flatMap(({ objects }) =>
      objects.flatMap(({ claims }) => claims.map(({ host, path }) => host + path)),
    ),
    problems: documents.flatMap(({ objects }) =>
      objects.flatMap(({ problems }) => problems.map((one) => `${one.line}: ${problemText(one)}`)),
    ),
    syntax: documents.flatMap(({ syntaxProblems }) => syntaxProblems.map(({ line, found }) => `${line}: ${found}`)),
    notices: documents.flatMap(({ notices }) => notices.map(({ line, text: one }) => `${line}: ${one}`)),
  }
}

const GROUP = `apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessGroup
metadata: { name: a }
spec:
  include:
    - everyone: {}
`

test('reads several documents, and skips empty ones', () => {
  const result = read(`---\n${GROUP}---\n# nothing\n---\n${GROUP.replace('name: a', 'name: b')}---\n`)
  expect(result.labels).toEqual(['AccessGroup default/a', 'AccessGroup default/b'])
  expect(result.sound).toBe(2)
  expect(result.syntax).toEqual([])
})

test('reads JSON', () => {
  const json = {
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'AccessGroup',
    metadata: { name: 'a' },
    spec: { include: [{ everyone: {} }] },
  }
  expect(read(JSON.stringify(json, null, '\t')).sound).toBe(1)
})

test('reads the items of a List, with their lines', () => {
  const items = GROUP.replace('everyone', 'nobody').split('\n').filter(Boolean)
  const text = `apiVersion: v1\nkind: List\nitems:\n  - ${items.join('\n    ')}\n`
  const result = read(text)
  expect(result.labels).toEqual(['AccessGroup default/a'])
  expect(result.problems[0]).toMatch(/^9: spec\.include\[0\]\.nobody: found an unknown field/)
})

test('names the line of each problem, in the second document too', () => {
  const result = read(`${GROUP}---\n${GROUP.replace('everyone: {}', 'email: nobody\n    - {}')}`)
  expect(result.problems.map((one) => one.split(', expected')[0])).toEqual([
    '13: spec.include[0].email: found "nobody"',
    '14: spec.include[1]: found an empty object',
  ])
})

test('names the line of the object where a field is missing', () => {
  expect(read(GROUP.slice(0, GROUP.indexOf('spec:'))).problems).toEqual(['1: spec: found nothing, expected an object'])
})

test('leaves objects of other groups alone, with a notice', () => {
  const result = read(`${GROUP}---\napiVersion: v1\nkind: Secret\nmetadata: { name: x }\n`)
  expect(result.labels).toHaveLength(1)
  expect(result.notices).toEqual(['8: ignored: Secret of v1'])
})

test('does not rely on a List whose items cannot be found', () => {
  const result = read(`apiVersion: v1\nkind: List\nitms:\n  - ${GROUP.trim().split('\n').join('\n    ')}\n`)
  expect(result.syntax).toEqual(['1: nothing'])
  expect(result.notices).toEqual([])
})

const hazards: [title: string, text: string, syntax: RegExp][] = [
  ['a key twice', GROUP.replace('kind:', 'kind: AccessPolicy\nkind:'), /^3: .*the key kind stands there twice/],
  ['a key twice further in', GROUP.replace('everyone: {}', 'everyone: {}\n      everyone: {}'), /^7: .*twice/],
  ['an open bracket', `${GROUP}  require: [\n`, /YAML that cannot be relied on/],
  ['a tab as indentation', GROUP.replace('  include', '\tinclude'), /YAML that cannot be relied on/],
  ['an alias of nothing', GROUP.replace('{}', '*nothing'), /YAML that cannot be/],
  ['a list as a key', GROUP.replace('everyone:', '? [a]\n      :'), /YAML that cannot be relied on/],
  [
    'aliases of aliases',
    `${GROUP}a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]\n`,
    /YAML that cannot be expanded/,
  ],
  ['brackets without end', '['.repeat(100_000), /YAML that cannot be/],
]
for (const [title, text, syntax] of hazards) {
  test(`does not rely on ${title}`, () => {
    const result = read(text)
    expect(result.sound).toBe(0)
    expect(result.syntax.join('\n')).toMatch(syntax)
  })
}

test('still makes out what an application in unreliable YAML was to protect', () => {
  const text = `apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: a }
spec:
  destinations:
    - host: a.example.com
      path: /admin
  policies: []
  policies: []
`
  const result = read(text)
  expect(result).toMatchObject({ sound: 0, claims: ['a.example.com/admin'] })
})

test('takes a key named __proto__ for the unknown field that it is', () => {
  const result = read(`${GROUP}  __proto__: { polluted: true }\n`)
  expect(result.problems).toEqual([
    '7: spec.__proto__: found an unknown field, expected one of include, require, exclude',
  ])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('looks for doubled keys in time that grows with the text alone', () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n')
  const start = performance.now()
  expect(read(text).sound).toBe(0)
  expect(performance.now() - start).toBeLessThan(5000)
})
