import { schemaTable, verdictTable } from './cases.ts'

const WORDS = /expected a domain without @, such as example\.com/

schemaTable(
  'emailDomain',
  ['example.com', 'Example.COM', 'a.b.example.co.uk', 'xn--bcher-kva.example'],
  [
    ['', WORDS],
    ['@example.com', WORDS],
    ['ada@example.com', WORDS],
    ['example', WORDS],
    ['.example.com', WORDS],
    ['example.com.', WORDS],
    ['example.com:0', WORDS],
    ['*.example.com', WORDS],
    ['bücher.example', WORDS],
    ['\u212aelvin.example', WORDS],
    ['exa mple.com', WORDS],
    ['example..com', WORDS],
    [`${'a.'.repeat(130)}com`, /<=253/],
    [['example.com'], /expected string/],
  ],
)

verdictTable('emailDomain', [
  { title: 'nobody', setting: 'example.com', identity: undefined, expected: 'unknown' },
  { title: 'the domain', setting: 'example.com', identity: {}, expected: 'holds' },
  { title: 'the domain in another letter case', setting: 'Example.COM', identity: {}, expected: 'holds' },
  { title: 'a subdomain', setting: 'example.com', identity: { email: 'ada@sub.example.com' }, expected: 'fails' },
  { title: 'a domain above', setting: 'sub.example.com', identity: {}, expected: 'fails' },
  {
    title: 'a domain that ends alike',
    setting: 'example.com',
    identity: { email: 'a@evilexample.com' },
    expected: 'fails',
  },
  {
    title: 'a domain that goes on',
    setting: 'example.com',
    identity: { email: 'a@example.com.evil.test' },
    expected: 'fails',
  },
  {
    title: 'the domain before the last @',
    setting: 'example.com',
    identity: { email: '"ada@example.com"@evil.test' },
    expected: 'fails',
  },
  {
    title: 'unverified',
    setting: 'example.com',
    identity: { emailVerified: false },
    expected: 'error email-unverified',
  },
  { title: 'no address', setting: 'example.com', identity: { email: undefined }, expected: 'error email-missing' },
])
