import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type ContentReader, contentReader, differenceOf, type SetContent } from '../../src/resources/set-difference.ts'
import { application, compiled, group, policy, provider, readAll } from './world.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function contentOf(raw: readonly unknown[], read: ContentReader = contentReader(sha256)): SetContent {
  const steps = read(readAll(raw), compiled(raw))
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

const everyone = policy('everyone', 'Allow', [{ everyone: {} }])
const app = application('app', 'app.example.com', ['everyone'])
const set = [app, everyone, provider('staff'), group('team', [{ email: 'ada@example.com' }])]

/** The changes in few words, each digest as a `#`. */
function told(before: readonly unknown[], after: readonly unknown[]): string[] {
  return differenceOf(contentOf(before), contentOf(after)).map(
    ({ kind, name, change, before, after, isInForce }) =>
      `${kind} ${name} ${change} ${before === undefined ? '' : '#'}→${after === undefined ? '' : '#'}${isInForce ? '' : ' shut'}`,
  )
}

const cases: readonly [string, readonly unknown[], readonly unknown[], readonly string[]][] = [
  ['nothing', set, set, []],
  ['the order of objects', set, set.toReversed(), []],
  [
    'a policy that is another',
    set,
    [app, policy('everyone', 'Deny', [{ everyone: {} }]), ...set.slice(2)],
    ['AccessPolicy default/everyone changed #→#'],
  ],
  [
    'a group that is another',
    set,
    [...set.slice(0, 3), group('team', [{ email: 'bob@example.com' }])],
    ['AccessGroup default/team changed #→#'],
  ],
  ['a provider that is gone', set, [app, everyone, set[3]], ['IdentityProvider staff removed #→ shut']],
  [
    'a policy that is gone, and with it an app that is shut',
    set,
    [app, ...set.slice(2)],
    ['AccessApplication default/app changed #→# shut', 'AccessPolicy default/everyone removed #→ shut'],
  ],
  [
    'a policy that is no longer valid',
    set,
    [app, policy('everyone', 'Alow', []), ...set.slice(2)],
    ['AccessApplication default/app changed #→# shut', 'AccessPolicy default/everyone changed #→# shut'],
  ],
  [
    'another app on another host',
    set,
    [...set, application('more', 'more.example.com', ['everyone'])],
    ['AccessApplication default/more added →#', 'Host more.example.com added →#'],
  ],
  [
    'an app that moves',
    set,
    [application('app', 'new.example.com', ['everyone']), ...set.slice(1)],
    [
      'AccessApplication default/app changed #→#',
      'Host app.example.com removed #→ shut',
      'Host new.example.com added →#',
    ],
  ],
  [
    'an app that takes a path of another’s host',
    set,
    [...set, application('sub', 'app.example.com/sub', ['everyone'])],
    ['AccessApplication default/sub added →#', 'Host app.example.com changed #→#'],
  ],
  [
    'an object that is there twice',
    set,
    [...set, provider('staff', { clientID: 'other' })],
    ['IdentityProvider staff changed #→# shut'],
  ],
  [
    'everything',
    [],
    set,
    [
      'AccessApplication default/app added →#',
      'AccessGroup default/team added →#',
      'AccessPolicy default/everyone added →#',
      'Host app.example.com added →#',
      'IdentityProvider staff added →#',
    ],
  ],
]

describe('between two sets', () => {
  for (const [title, before, after, expected] of cases) {
    test(`tells of ${title}`, () => {
      expect(told(before, after)).toEqual(expected)
      expect(contentOf(before).digest === contentOf(after).digest).toBe(expected.length === 0)
    })
  }
})

test('digests each object once, as long as it stays the same', () => {
  const digested: string[] = []
  const read = contentReader((text) => {
    digested.push(text)
    return sha256(text)
  })
  const objects = readAll(set)
  const served = compiled(set)
  const run = () => [...read(objects, served)]
  run()
  const first = digested.length
  run()
  expect(digested.length - first).toBe(1)
})
