import { schemaTable, verdictTable } from './cases.ts'

schemaTable(
  'identityProvider',
  ['corporate', 'github-2'],
  [
    ['', />=1/],
    ['x'.repeat(64), /<=63/],
    [['corporate'], /expected string/],
    [{ name: 'corporate' }, /expected string/],
  ],
)

verdictTable('identityProvider', [
  { title: 'nobody', setting: 'corporate', identity: undefined, expected: 'unknown' },
  { title: 'the provider', setting: 'corporate', identity: {}, expected: 'holds' },
  { title: 'another provider', setting: 'partner', identity: {}, expected: 'fails' },
  { title: 'another letter case', setting: 'Corporate', identity: {}, expected: 'fails' },
])
