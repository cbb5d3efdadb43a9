import { schemaTable, verdictTable } from './cases.ts'

const ONE = /expected exactly one of value, number and boolean/

schemaTable(
  'claim',
  [
    { name: 'department', value: 'research' },
    { name: 'https://example.com/claims/level', number: 3 },
    { name: 'level', number: 0 },
    { name: 'level', number: -1.5 },
    { name: 'is_staff', boolean: false },
    { name: 'department', value: '😀'.repeat(1024) },
    { name: 'department', value: '' },
    { name: '__proto__', value: 'x' },
    { name: 'department', value: 'research', identityProvider: 'corporate' },
  ],
  [
    ['department', /expected object/],
    [{ name: 'department' }, ONE],
    [{ value: 'x' }, /expected string/],
    [{ name: '', value: 'x' }, />=1/],
    [{ name: 'x'.repeat(257), value: 'x' }, /<=256/],
    ...[null, ['x'], { a: 1 }, 3, true].map((value) => [{ name: 'department', value }, /expected string/] as const),
    ...[null, '3', true, Number.NaN].map((number) => [{ name: 'level', number }, /expected number/] as const),
    ...[null, 'true', 1].map((boolean) => [{ name: 'staff', boolean }, /expected boolean/] as const),
    [{ name: 'department', value: 'x'.repeat(1025) }, /<=1024/],
    [{ name: 'level', value: '3', number: 3 }, ONE],
    [{ name: 'staff', number: 1, boolean: true }, ONE],
    [{ name: 'staff', value: '', number: 0, boolean: false }, ONE],
    [{ name: 'department', value: 'x', values: [] }, /[Uu]nrecognized key.*values/],
  ],
)

const RESEARCH = { name: 'department', value: 'research' }

verdictTable('claim', [
  { title: 'nobody', setting: RESEARCH, identity: undefined, expected: 'unknown' },
  { title: 'the value', setting: RESEARCH, identity: { claims: { department: 'research' } }, expected: 'holds' },
  { title: 'another value', setting: RESEARCH, identity: { claims: { department: 'sales' } }, expected: 'fails' },
  {
    title: 'another letter case',
    setting: RESEARCH,
    identity: { claims: { department: 'Research' } },
    expected: 'fails',
  },
  {
    title: 'part of the value',
    setting: RESEARCH,
    identity: { claims: { department: 'research, sales' } },
    expected: 'fails',
  },
  { title: 'no such claim', setting: RESEARCH, identity: { claims: {} }, expected: 'error claim-missing' },
  {
    title: 'a claim of null',
    setting: RESEARCH,
    identity: { claims: { department: null } },
    expected: 'error claim-missing',
  },
  {
    title: 'a claim of undefined',
    setting: RESEARCH,
    identity: { claims: { department: undefined } },
    expected: 'error claim-missing',
  },
  {
    title: 'a list with it',
    setting: RESEARCH,
    identity: { claims: { department: ['sales', 'research'] } },
    expected: 'holds',
  },
  { title: 'a list without it', setting: RESEARCH, identity: { claims: { department: ['sales'] } }, expected: 'fails' },
  { title: 'an empty list', setting: RESEARCH, identity: { claims: { department: [] } }, expected: 'fails' },
  {
    title: 'a list in a list',
    setting: RESEARCH,
    identity: { claims: { department: [['research']] } },
    expected: 'fails',
  },
  {
    title: 'an object with it',
    setting: RESEARCH,
    identity: { claims: { department: { research: true } } },
    expected: 'fails',
  },
  { title: 'a number', setting: { name: 'level', number: 3 }, identity: { claims: { level: 3 } }, expected: 'holds' },
  {
    title: 'a number as text',
    setting: { name: 'level', number: 3 },
    identity: { claims: { level: '3' } },
    expected: 'fails',
  },
  {
    title: 'true',
    setting: { name: 'staff', boolean: true },
    identity: { claims: { staff: true } },
    expected: 'holds',
  },
  {
    title: 'true as text',
    setting: { name: 'staff', boolean: true },
    identity: { claims: { staff: 'true' } },
    expected: 'fails',
  },
  {
    title: 'false against a missing claim',
    setting: { name: 'staff', boolean: false },
    identity: { claims: {} },
    expected: 'error claim-missing',
  },
  {
    title: 'a number like true',
    setting: { name: 'staff', boolean: true },
    identity: { claims: { staff: 1 } },
    expected: 'fails',
  },
  {
    title: 'a claim by the name of a dot path',
    setting: { name: 'a.b', value: 'x' },
    identity: { claims: { a: { b: 'x' } } },
    expected: 'error claim-missing',
  },
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name) => ({
    title: `${name}, which every object inherits`,
    setting: { name, value: 'x' },
    identity: { claims: {} },
    expected: 'error claim-missing',
  })),
  {
    title: '__proto__ as the provider’s own claim',
    setting: { name: '__proto__', value: 'x' },
    identity: { claims: JSON.parse('{"__proto__":"x"}') },
    expected: 'holds',
  },
  {
    title: 'a claim that only the prototype has',
    setting: RESEARCH,
    identity: { claims: Object.create({ department: 'research' }) },
    expected: 'error claim-missing',
  },
  {
    title: 'the value with the provider named',
    setting: { ...RESEARCH, identityProvider: 'corporate' },
    identity: { claims: { department: 'research' } },
    expected: 'holds',
  },
  {
    title: 'the value from another provider',
    setting: { ...RESEARCH, identityProvider: 'partner' },
    identity: { claims: { department: 'research' } },
    expected: 'fails',
  },
])
