import { schemaTable, verdictTable } from './cases.ts'

schemaTable(
  'group',
  [{ name: 'engineering' }, { name: 'CN=All, Staff' }, { name: 'x', identityProvider: 'corporate' }],
  [
    ['engineering', /expected object/],
    [{}, /expected string/],
    [{ name: '' }, />=1/],
    [{ name: 'x'.repeat(257) }, /<=256/],
    [{ name: 'x', identityProvider: '' }, />=1/],
    [{ name: 'x', provider: 'corporate' }, /[Uu]nrecognized key.*provider/],
    [{ name: ['x'] }, /expected string/],
  ],
)

const ENGINEERING = { name: 'engineering' }

verdictTable('group', [
  { title: 'nobody', setting: ENGINEERING, identity: undefined, expected: 'unknown' },
  { title: 'a member', setting: ENGINEERING, identity: { groups: ['sales', 'engineering'] }, expected: 'holds' },
  { title: 'no member', setting: ENGINEERING, identity: { groups: ['sales'] }, expected: 'fails' },
  { title: 'no groups', setting: ENGINEERING, identity: { groups: [] }, expected: 'fails' },
  { title: 'another letter case', setting: ENGINEERING, identity: { groups: ['Engineering'] }, expected: 'fails' },
  {
    title: 'a group that begins alike',
    setting: ENGINEERING,
    identity: { groups: ['engineering-leads'] },
    expected: 'fails',
  },
  { title: 'the name of a list’s member', setting: { name: 'length' }, identity: {}, expected: 'fails' },
  {
    title: 'a member, groups incomplete',
    setting: ENGINEERING,
    identity: { groupsIncomplete: true },
    expected: 'holds',
  },
  {
    title: 'no member, groups incomplete',
    setting: ENGINEERING,
    identity: { groups: [], groupsIncomplete: true },
    expected: 'error groups-incomplete',
  },
  {
    title: 'a member with the provider named',
    setting: { name: 'engineering', identityProvider: 'corporate' },
    identity: {},
    expected: 'holds',
  },
  {
    title: 'a member with another provider',
    setting: { name: 'engineering', identityProvider: 'partner' },
    identity: {},
    expected: 'fails',
  },
  {
    title: 'groups incomplete with another provider',
    setting: { name: 'engineering', identityProvider: 'partner' },
    identity: { groupsIncomplete: true },
    expected: 'fails',
  },
])
