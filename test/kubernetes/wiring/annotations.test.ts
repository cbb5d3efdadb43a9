import { expect, test } from 'vitest'
import { idleAnnotations, readIntent } from '../../../src/kubernetes/wiring/annotations.ts'
import { ingress } from './ingress-world.ts'

const P = 'access.gatehouse.dev/'
const annotated = (short: Record<string, string>) =>
  ingress({ annotations: Object.fromEntries(Object.entries(short).map(([key, value]) => [P + key, value])) })

test.for([
  ['one name', { policies: 'engineers' }, { policies: [{ name: 'engineers' }] }],
  ['several names', { policies: ' staff , on-call' }, { policies: [{ name: 'staff' }, { name: 'on-call' }] }],
  [
    'a name of another namespace, which compiling judges',
    { policies: 'gatehouse/staff' },
    { policies: [{ name: 'staff', namespace: 'gatehouse' }] },
  ],
  [
    'everything',
    { policies: 'staff', 'session-duration': '1h30m', 'identity-providers': 'staff, partners', wired: 'traefik' },
    { policies: [{ name: 'staff' }], sessionDuration: '1h30m', identityProviders: ['staff', 'partners'] },
  ],
] as const)('reads %s', ([, short, settings]) => {
  expect(readIntent(annotated(short))).toEqual({ applicationName: 'grafana', settings, flaws: [] })
})

test.for([
  ['no name', { policies: '' }, 'policies: expected policy names such as engineers, separated by commas, not ""'],
  ['a comma too many', { policies: 'staff,' }, 'not ""'],
  ['a name that is none', { policies: 'staff, On Call' }, 'not "On Call"'],
  ['a namespace that is none', { policies: 'a.b/staff' }, 'not "a.b/staff"'],
  ['two slashes', { policies: 'a/b/c' }, 'not "a/b/c"'],
  ['YAML', { policies: '[staff]' }, 'not "[staff]"'],
  ['65 names', { policies: 'staff,'.repeat(65).slice(0, -1) }, 'expected at most 64 names, not 65'],
  ['a duration without unit', { policies: 'a', 'session-duration': '60' }, '"60" is no duration from 1m to 8760h'],
  ['a duration that is too short', { policies: 'a', 'session-duration': '1s' }, '"1s" is no duration'],
  ['no provider', { policies: 'a', 'identity-providers': '' }, 'identity-providers: expected names'],
  ['a provider that is none', { policies: 'a', 'identity-providers': 'x.y' }, 'not "x.y"'],
  [
    'a misspelt annotation',
    { policies: 'a', 'session-duraton': '1h' },
    'session-duraton: no annotation that Gatehouse',
  ],
  ['two that exclude each other', { policies: 'a', application: 'b' }, 'exclude each other'],
] as const)('%s lets nobody in, and says why', ([, short, message]) => {
  const intent = readIntent(annotated(short))
  expect(intent).toMatchObject({ applicationName: 'grafana', settings: { policies: [] } })
  expect(intent?.settings).not.toHaveProperty('sessionDuration')
  expect(intent?.flaws).toEqual([{ reason: 'AnnotationInvalid', message: expect.stringContaining(message) }])
})

test('an application of the author’s is named, and none is made', () => {
  expect(readIntent(annotated({ application: 'dashboards' }))).toEqual({
    applicationName: 'dashboards',
    settings: undefined,
    flaws: [],
  })
})

test.for([
  ['a name that is none', { application: 'a/b' }, 'grafana'],
  ['no name', { application: '' }, 'grafana'],
  ['settings beside it', { application: 'dashboards', 'session-duration': '1h' }, 'dashboards'],
] as const)('an application with %s is reported', ([, short, applicationName]) => {
  expect(readIntent(annotated(short))).toMatchObject({
    applicationName,
    settings: undefined,
    flaws: [{ reason: 'AnnotationInvalid' }],
  })
})

test.for([{}, { 'session-duration': '1h' }, { wired: 'traefik' }])('%j does not ask for protection', (short) => {
  expect(readIntent(annotated(short))).toBeUndefined()
})

test('a misspelt annotation asks for protection, and lets nobody in', () => {
  expect(readIntent(annotated({ policy: 'staff' }))).toMatchObject({
    applicationName: 'grafana',
    settings: { policies: [] },
    flaws: [{ reason: 'AnnotationInvalid', message: expect.stringContaining('it knows policies, application') }],
  })
})

test('of thousands of misspelt annotations three are named', () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, '']))
  const { flaws = [] } = readIntent(annotated(many)) ?? {}
  expect(flaws).toHaveLength(1)
  expect(flaws[0]?.message).toMatch(/x0, .*x2 and 4997 more: no annotation/)
})

test('an annotation that does nothing by itself is told', () => {
  const messages = (short: Record<string, string>) => idleAnnotations(annotated(short)).map(({ message }) => message)
  expect(messages({ 'session-duration': '1h' })).toEqual([expect.stringContaining('protects nothing by itself')])
  expect(messages({ wired: 'traefik' })).toEqual([])
})
