import { schemaTable, verdictTable } from './cases.ts'

schemaTable(
  'everyone',
  [{}],
  [
    [null, /expected object/],
    [true, /expected object/],
    [[], /expected object/],
    ['', /expected object/],
    [{ except: 'bob' }, /[Uu]nrecognized key.*except/],
  ],
)

verdictTable('everyone', [
  { title: 'nobody', setting: {}, identity: undefined, expected: 'holds' },
  { title: 'somebody', setting: {}, identity: {}, expected: 'holds' },
])
