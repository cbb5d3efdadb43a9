import { schemaTable, verdictTable } from './cases.ts'

const WORDS = /expected one email address, such as ada@example\.com/

schemaTable(
  'email',
  [
    'ada@example.com',
    'Ada@Example.COM',
    'ada+work@example.com',
    "o'brien@example.com",
    'ada@localhost',
    'ädä@example.com',
  ],
  [
    ['', WORDS],
    ['ada', WORDS],
    ['@example.com', WORDS],
    ['ada@', WORDS],
    ['ada@@example.com', WORDS],
    ['ada@a@example.com', WORDS],
    ['ada@example.com,bob@example.com', WORDS],
    ['ada@example.com bob@example.com', WORDS],
    [' ada@example.com', WORDS],
    ['ada@example.com\n', WORDS],
    ['Ada <ada@example.com>', WORDS],
    ['"a b"@example.com', WORDS],
    ['*@example.com'.replace('*', '(x)'), WORDS],
    [`${'a'.repeat(250)}@b.cd`, /254/],
    [['ada@example.com'], /expected string/],
    [null, /expected string/],
  ],
)

verdictTable('email', [
  { title: 'nobody', setting: 'ada@example.com', identity: undefined, expected: 'unknown' },
  { title: 'the address', setting: 'ada@example.com', identity: {}, expected: 'holds' },
  { title: 'another letter case in the setting', setting: 'ADA@Example.com', identity: {}, expected: 'holds' },
  { title: 'another address', setting: 'bob@example.com', identity: {}, expected: 'fails' },
  { title: 'an address that merely begins alike', setting: 'ada@example.co', identity: {}, expected: 'fails' },
  { title: 'an address that merely ends alike', setting: 'da@example.com', identity: {}, expected: 'fails' },
  { title: 'a plus address', setting: 'ada@example.com', identity: { email: 'ada+x@example.com' }, expected: 'fails' },
  {
    title: 'the address unverified',
    setting: 'ada@example.com',
    identity: { emailVerified: false },
    expected: 'error email-unverified',
  },
  {
    title: 'another address unverified',
    setting: 'bob@example.com',
    identity: { emailVerified: false },
    expected: 'error email-unverified',
  },
  { title: 'no address', setting: 'ada@example.com', identity: { email: undefined }, expected: 'error email-missing' },
])
