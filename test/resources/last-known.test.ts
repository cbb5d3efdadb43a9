import { describe, expect, test } from 'vitest'
import { readObject } from '../../src/resources/objects.ts'
import { ada, everyone, open, SHUT } from './cases.ts'
import { hidings } from './hidings.ts'
import { answer, application, compiled, compiledInTurn, manifest } from './world.ts'

const web = application('web', 'app.example.com', ['open'])
const admin = application('admin', 'app.example.com/admin', ['everyone'])
const rest = [everyone, open, web]
const ADMIN = 'app.example.com/admin/x'
const noDestinations = manifest('AccessApplication', 'admin', { policies: [] })

/** What is answered below /admin after each of these sets, and at the root after the last. */
function admins(...sets: unknown[][]): string[] {
  const catalogues = compiledInTurn(sets.map((set) => [...rest, ...set]))
  return catalogues.map((catalogue) => answer(catalogue, ADMIN, ada))
}

describe('an application that was known', () => {
  test.each(Object.keys(hidings))('keeps its destinations shut with %s', (title) => {
    expect(admins([admin], [hidings[title]?.(admin)]).at(-1)).not.toMatch(/allow/)
  })

  test('leaves the rest of the host open', () => {
    const [, after] = compiledInTurn([
      [...rest, admin],
      [...rest, noDestinations],
    ])
    expect(after && answer(after, 'app.example.com/', ada)).toBe('allow policy-bypasses')
    expect(after && answer(after, ADMIN, ada)).toBe(SHUT)
  })

  test('stays shut through several broken edits, until it is valid again', () => {
    const broken = Object.values(hidings).map((hide) => [hide(admin)])
    const moved = application('admin', 'app.example.com/other', ['everyone'])
    const answers = admins([admin], ...broken, [moved])
    expect(answers.slice(0, -1).filter((one) => one.startsWith('allow'))).toEqual([])
    expect(answers.at(-1)).toBe('allow policy-bypasses')
  })

  test('keeps what it last protected besides what can be read of it now', () => {
    const half = application('admin', 'app.example.com/other', [], { surprise: 1 })
    const [, after] = compiledInTurn([
      [...rest, admin],
      [...rest, half],
    ])
    const answers = ['admin/x', 'other/x', 'x'].map((path) => after && answer(after, `app.example.com/${path}`, ada))
    expect(answers).toEqual([SHUT, SHUT, 'allow policy-bypasses'])
  })

  test('is forgotten when it is deleted, before or after it broke', () => {
    expect(admins([admin], [], [noDestinations]).slice(1)).toEqual(['allow policy-bypasses', 'allow policy-bypasses'])
    expect(admins([admin], [noDestinations], []).at(-1)).toBe('allow policy-bypasses')
  })

  test('is forgotten when it has a new name', () => {
    expect(admins([admin], [application('renamed', 'app.example.com/other', ['everyone'])]).at(-1)).toBe(
      'allow policy-bypasses',
    )
  })

  test('stays shut while an object that is not valid may be it, and a file that cannot be read may hold it', () => {
    const nameless = { ...noDestinations, metadata: { nme: 'admin' } }
    expect(admins([admin], [nameless], [nameless]).at(-1)).toBe(SHUT)
    expect(admins([admin], [nameless], []).at(-1)).toBe('allow policy-bypasses')
    const { lastKnown } = compiled([...rest, admin])
    expect(answer(compiled(rest, { lastKnown, isWhole: false }), ADMIN, ada)).toBe(SHUT)
  })

  test('stays shut under the host that belongs to its namespace, whatever became of its metadata', () => {
    const hostClaims = [{ host: 'app.example.com', namespace: 'default', origin: 'Configured' as const }]
    const moved = { ...admin, metadata: { name: 'admin', namespace: 'Elsewhere' } }
    const [, after] = compiledInTurn(
      [
        [...rest, admin],
        [...rest, moved],
      ],
      { hostClaims },
    )
    expect(after && answer(after, ADMIN, ada)).toBe(SHUT)
  })

  test('says that it keeps what it last protected', () => {
    const [, after] = compiledInTurn([[admin], [noDestinations]])
    const messages = after?.statuses.flatMap(({ conditions }) => conditions.map(({ message }) => message))
    expect(messages?.join()).toMatch(/app\.example\.com\/admin stays shut/)
    const [, renamed] = compiledInTurn([[admin], [hidings['another name, and no destinations']?.(admin)]])
    expect(renamed?.statuses[0]?.conditions[0]?.message).toMatch(/may be what is gone and stays shut: default\/admin/)
  })
})

test('an application that was never valid takes nothing from another', () => {
  expect(admins([noDestinations], [noDestinations])).toEqual(['allow policy-bypasses', 'allow policy-bypasses'])
})

describe('what an object protects', () => {
  const unreadable = Object.keys(hidings).filter((title) => title !== 'a misspelt group')
  test.each(unreadable)('cannot be read to the end with %s', (title) => {
    expect(readObject(hidings[title]?.(admin)).isIncomplete).toBe(true)
  })

  const readable: Record<string, unknown> = {
    'a sound application': admin,
    'an unknown field': application('admin', 'app.example.com/admin', [], { surprise: 1 }),
    'an application of a misspelt group': hidings['a misspelt group']?.(admin),
    'an application of another version': { ...admin, apiVersion: 'access.gatehouse.dev/v2' },
    'a path that cannot be read': application('admin', 'app.example.com//admin'),
    'an address for a host': manifest('AccessApplication', 'admin', {
      destinations: [{ host: 'https://app.example.com/', path: '/admin' }],
    }),
    'a policy that is not valid': manifest('AccessPolicy', 'admin', {}),
    'an object that is nobody’s': { resources: ['a.yaml'] },
  }
  test.each(Object.keys(readable))('can be read, or is nothing, with %s', (title) => {
    expect(readObject(readable[title]).isIncomplete).toBe(false)
  })

  test('is read from an object that is called by another kind', () => {
    const policy = { ...admin, kind: 'AccessPolicy' }
    const catalogue = compiled([...rest, policy])
    expect(answer(catalogue, ADMIN, ada)).toBe(SHUT)
    expect(catalogue.statuses.filter(({ name }) => name === 'admin')).toHaveLength(1)
    expect(answer(catalogue, 'app.example.com/', ada)).toBe('allow policy-bypasses')
  })

  test('is the address with the path beside it', () => {
    const raw = manifest('AccessApplication', 'a', { destinations: [{ host: 'a.example.com/', path: '/x' }] })
    expect(readObject(raw).claims).toEqual([{ host: 'a.example.com', path: '/x', isOpenEnded: false }])
  })
})
