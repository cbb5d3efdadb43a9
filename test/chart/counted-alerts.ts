import { type AlertRow, fired } from './alert-row.ts'
import { checks, errors, lost, refreshes } from './alert-series.ts'

const AUDIT = fired('Audit records could not be written and are lost.', { pod: 'b' })
const ERROR = fired("A fault of Gatehouse's own in portal.", { pod: 'b', where: 'portal' })
const UNAVAILABLE = fired('More than 1 % of the checks of shop/cart are answered 503.', { application: 'shop/cart' })

/** Alerts that go by how fast something is counted: a replica that starts anew begins at 0. */
export const countedAlerts: readonly AlertRow[] = [
  {
    alert: 'GatehouseAuditRecordsLost',
    severity: 'critical',
    page: 'audit-records-lost',
    sick: [
      {
        title: 'one replica loses some',
        series: lost({ a: '0x90', b: '0x10 5x80' }),
        fired: AUDIT,
        from: 5.5,
        over: 20.5,
      },
      { title: 'and is gone', series: lost({ a: '0x90', b: '0x10 5 stale' }), fired: AUDIT, from: 5.5, over: 20.5 },
      { title: 'after a restart', series: lost({ b: '5x10 0x40 2x60' }), fired: AUDIT, from: 26, over: 41 },
    ],
    quiet: [{ title: 'a restart after a loss', series: lost({ a: '5x60 _x2 0x60', b: '_x60 0x60' }) }],
  },
  {
    alert: 'GatehouseSessionsNotRefreshed',
    severity: 'warning',
    page: 'sessions-not-refreshed',
    sick: [
      {
        title: 'two of three questions fail',
        series: [...refreshes('failed', { a: '0+2x80' }), ...refreshes('renewed', { a: '0+1x80' })],
        fired: fired(
          'More than half of the questions to company whether people are still theirs fail; sessions that it has not vouched for in a while are answered 503.',
          { provider: 'company' },
        ),
        from: 15.5,
      },
    ],
    quiet: [
      {
        title: 'one replica of three fails alone',
        series: [...refreshes('failed', { b: '0+1x120' }), ...refreshes('renewed', { a: '0+1x120', c: '0+1x120' })],
      },
      {
        title: 'restarts, and nothing is asked',
        series: [...refreshes('failed', { a: '50x20 0x60' }), ...refreshes('renewed', { a: '90x20 0x60' })],
      },
    ],
  },
  {
    alert: 'GatehouseChecksUnavailable',
    severity: 'critical',
    page: 'checks-unavailable',
    sick: [
      {
        title: 'two in a hundred',
        series: [...checks('unavailable', { a: '0+2x40' }), ...checks('allow', { a: '0+98x40' })],
        fired: UNAVAILABLE,
        from: 5.5,
      },
      {
        title: 'all of one replica of three, of which nothing was heard before',
        series: [...checks('unavailable', { b: '_x10 5+5x40' }), ...checks('allow', { a: '0+5x60', c: '0+5x60' })],
        fired: UNAVAILABLE,
        from: 10.5,
      },
      {
        title: 'checks of no application',
        series: checks('unavailable', { a: '0+2x40' }, ''),
        fired: fired('More than 1 % of the checks of no known application are answered 503.'),
        from: 5.5,
      },
    ],
    quiet: [
      {
        title: 'half of a hundredth',
        series: [...checks('unavailable', { a: '0+1x120' }), ...checks('allow', { a: '0+199x120' })],
      },
      {
        title: 'a moment',
        series: [...checks('unavailable', { a: '0x20 500x120' }), ...checks('allow', { a: '0+100x140' })],
      },
      {
        title: 'a restart',
        series: [...checks('unavailable', { a: '900x20 0x60' }), ...checks('allow', { a: '9000x20 0+1x60' })],
      },
    ],
  },
  {
    alert: 'GatehouseInternalErrors',
    severity: 'warning',
    page: 'internal-errors',
    sick: [
      {
        title: 'the first of its kind',
        series: errors({ a: '0x60', b: '0x10 1x60' }),
        fired: ERROR,
        from: 5.5,
        over: 20.5,
      },
      { title: 'after a restart', series: errors({ b: '1x20 0x40 1x60' }), fired: ERROR, from: 31, over: 46 },
    ],
    quiet: [{ title: 'a restart after one', series: errors({ a: '4x60 _x2 0x60', b: '_x60 0x60' }) }],
  },
]
