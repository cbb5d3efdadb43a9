import { schemaTable, verdictTable } from './cases.ts'

schemaTable(
  'method',
  [['GET'], ['GET', 'HEAD', 'OPTIONS'], ['GET', 'GET']],
  [
    [[], />=1/],
    ['GET', /expected array/],
    [['get'], /expected one of "GET"\|"HEAD"/],
    [['FETCH'], /expected one of/],
    [Array(10).fill('GET'), /<=9/],
  ],
)

verdictTable('method', [
  {
    title: 'nobody, the method',
    setting: ['GET', 'HEAD'],
    request: { method: 'HEAD' },
    identity: undefined,
    expected: 'holds',
  },
  { title: 'somebody, the method', setting: ['GET'], identity: {}, expected: 'holds' },
  { title: 'another method', setting: ['GET'], request: { method: 'POST' }, identity: undefined, expected: 'fails' },
  {
    title: 'HEAD where only GET is named',
    setting: ['GET'],
    request: { method: 'HEAD' },
    identity: undefined,
    expected: 'fails',
  },
  {
    title: 'a method in lower case',
    setting: ['GET'],
    request: { method: 'get' },
    identity: undefined,
    expected: 'fails',
  },
  {
    title: 'a method that nobody knows',
    setting: ['GET'],
    request: { method: 'PURGE' },
    identity: undefined,
    expected: 'fails',
  },
])
