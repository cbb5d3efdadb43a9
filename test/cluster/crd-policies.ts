import { group, manifest, policy } from '../resources/world.ts'
import { each, everyone, many, type Row } from './crd-row.ts'
import { invalidRules, validRules } from './crd-rules.ts'

const allow = (more: object) => policy('a', 'Allow', [everyone], more)

/** What is taken. */
export const validPolicies: readonly Row[] = [
  ...validRules.map(([title, rule]): Row => [`a rule: ${title}`, group('a', [rule])]),
  [
    'as many rules as can be',
    group(
      'a',
      many(256, () => everyone),
      { require: [everyone], exclude: [] },
    ),
  ],
  ['a policy with everything', allow({ require: [everyone], exclude: [], session: { duration: '8h' }, mode: 'Audit' })],
  ...each('the action', ['Allow', 'Deny', 'Bypass', 'ServiceAuth'], (action) =>
    policy('a', String(action), [everyone]),
  ),
]

/** What is refused. */
export const invalidPolicies: readonly Row[] = [
  ...invalidRules.map(([title, rule]): Row => [`a rule: ${title}`, group('a', [rule])]),
  ...['require', 'exclude'].map((list): Row => [`a rule that is none in ${list} of a policy`, allow({ [list]: [{}] })]),
  ['no include', manifest('AccessGroup', 'a', { require: [everyone] })],
  ['an empty include', group('a', [])],
  ['an include that is no list', manifest('AccessGroup', 'a', { include: everyone })],
  ['an exclude that is no list', group('a', [everyone], { exclude: everyone })],
  [
    'too many rules',
    group(
      'a',
      many(257, () => everyone),
    ),
  ],
  ['too many rules to exclude', group('a', [everyone], { exclude: many(257, () => everyone) })],
  ['a group with an action', group('a', [everyone], { action: 'Allow' })],
  [
    'a key named __proto__',
    JSON.parse(JSON.stringify(group('a', [everyone])).replace('"include"', '"__proto__":{},"include"')),
  ],
  ['no spec', { ...allow({}), spec: undefined }],
  ['a spec that is a text', { ...allow({}), spec: 'Allow' }],
  ['a spec that is a list', { ...allow({}), spec: [] }],
  ['a field beside spec', { ...allow({}), specs: {} }],
  ['a field of metadata that there is not', { ...allow({}), metadata: { name: 'a', namspace: 'b' } }],
  ['no name', { ...allow({}), metadata: {} }],
  ...each('the name', ['Bad', 'a_b', 'a b', '-a', 'a.', 'a..b', 'a'.repeat(254)], (name) => ({
    ...allow({}),
    metadata: { name },
  })),
  ['no action', manifest('AccessPolicy', 'a', { include: [everyone] })],
  ...each('the action', ['Alow', 'allow', '', 1], (action) =>
    manifest('AccessPolicy', 'a', { action, include: [everyone] }),
  ),
  ...each('the mode', ['audit', '', true], (mode) => allow({ mode })),
  ['a policy with a field that there is not', allow({ modes: 'Audit' })],
  ['a session without a duration', allow({ session: {} })],
  ['a session with a field that there is not', allow({ session: { duration: '8h', idle: '1h' } })],
  ...each(
    'the duration',
    [
      '',
      'h',
      '59s',
      '0h',
      '8761h',
      '8760h1s',
      '525601m',
      '1d',
      '1.5h',
      '30m1h',
      '-1h',
      '1h ',
      '1H',
      '1h1h',
      '1us',
      '00000h',
      '100000000s',
      `${'0'.repeat(20)}1h`,
      28800,
    ],
    (duration) => allow({ session: { duration } }),
  ),
]
