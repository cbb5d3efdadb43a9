import { schemaTable, verdictTable } from './cases.ts'

schemaTable(
  'emails',
  [
    ['ada@example.com'],
    ['ada@example.com', 'Bob@Example.com'],
    Array.from({ length: 1000 }, (_, n) => `p${n}@example.com`),
  ],
  [
    [[], />=1/],
    ['ada@example.com', /expected array/],
    [['ada@example.com', 'bob'], /expected one email address/],
    [Array.from({ length: 1001 }, (_, n) => `p${n}@example.com`), /<=1000/],
  ],
)

const BOTH = ['Ada@example.com', 'bob@example.com']

verdictTable('emails', [
  { title: 'nobody', setting: BOTH, identity: undefined, expected: 'unknown' },
  { title: 'the first, in another letter case', setting: BOTH, identity: {}, expected: 'holds' },
  { title: 'the second', setting: BOTH, identity: { email: 'bob@example.com' }, expected: 'holds' },
  { title: 'none of them', setting: BOTH, identity: { email: 'eve@example.com' }, expected: 'fails' },
  { title: 'unverified', setting: BOTH, identity: { emailVerified: false }, expected: 'error email-unverified' },
  { title: 'no address', setting: BOTH, identity: { email: undefined }, expected: 'error email-missing' },
])
