import { type AlertRow, fired } from './alert-row.ts'
import {
  clock,
  conflicts,
  keys,
  leader,
  owed,
  password,
  ready,
  refused,
  store,
  unsafe,
  view,
  watch,
} from './alert-series.ts'
import { countedAlerts } from './counted-alerts.ts'

const DAY = 86_400
const DOWN = fired('No replica of Gatehouse is known to be ready: every protected app may be shut.')
const NO_LEADER = fired('No replica leads: Ingresses are not wired, statuses not written, keys not rotated.')
const REDIS = fired(
  'Redis does not answer a replica: nobody new can sign in, and known sessions last only as long as revocation.maxStaleness.',
  { pod: 'b' },
)

/**
 * Every alert of the chart, for replicas a, b and c that are scraped twice a minute: what makes it fire, with what whoever is
 * called then sees, and what does not.
 */
export const alertTable: readonly AlertRow[] = [
  ...countedAlerts,
  {
    alert: 'GatehouseDown',
    severity: 'critical',
    page: 'down',
    sick: [
      { title: 'nothing is scraped', series: [], fired: DOWN, from: 2 },
      { title: 'all run, none is ready', series: ready({ a: '0x20', b: '0x20' }), fired: DOWN, from: 2 },
      { title: 'the last one goes', series: ready({ a: '1x10 stale', b: '0x30' }), fired: DOWN, from: 7.5 },
      { title: 'it is over', series: ready({ a: '0x20 1x20' }), fired: DOWN, from: 2, over: 10.5 },
    ],
    quiet: [
      { title: 'one of three is ready', series: ready({ a: '1x200', b: '0x200', c: '_x20 1x10 stale' }) },
      { title: 'the only one is replaced', series: ready({ a: '1x20 0x1 stale', b: '_x20 0x2 1x180' }) },
    ],
  },
  {
    alert: 'GatehouseWatchStale',
    severity: 'warning',
    page: 'watch-stale',
    sick: [
      {
        title: 'one replica of three hears nothing',
        series: watch({ a: '20x40', b: '0+30x4 150+30x36', c: '20x40' }),
        fired: fired(
          'A replica has not heard of changes of AccessPolicy for more than two minutes; it serves what it knew.',
          { pod: 'b', kind: 'AccessPolicy' },
        ),
        from: 4.5,
      },
    ],
    quiet: [{ title: 'it hears again', series: watch({ a: '20x10 130x3 20x100', b: '120x120' }) }],
  },
  {
    alert: 'GatehouseNoLeader',
    severity: 'warning',
    page: 'no-leader',
    sick: [
      { title: 'nobody has ever led', series: leader({ a: '0x20', b: '0x20' }), fired: NO_LEADER, from: 2 },
      { title: 'the leader is gone', series: leader({ a: '1x10 stale', b: '0x40' }), fired: NO_LEADER, from: 7.5 },
    ],
    quiet: [{ title: 'another one takes over', series: leader({ a: '1x10 0x180', b: '0x12 1x180', c: '0x200' }) }],
  },
  {
    alert: 'GatehouseRedisDown',
    severity: 'critical',
    page: 'redis-down',
    sick: [
      {
        title: 'one replica of three has no answer',
        series: store({ a: '1x40', b: '1x10 0x10 1x20', c: '1x40' }),
        fired: REDIS,
        from: 6.5,
        over: 11,
      },
    ],
    quiet: [{ title: 'it answers again', series: store({ a: '1x10 0x1 1x100', b: '_x2 0x1 1x100' }) }],
  },
  {
    alert: 'GatehouseRevocationsStale',
    severity: 'critical',
    page: 'revocations-stale',
    sick: [
      {
        title: 'one replica of three does not know them',
        series: view({ a: '1x40', b: '1x10 30.5x20', c: '1x40' }),
        fired: fired(
          'A replica has not known all revocations for longer than revocation.maxStaleness: everybody who needs a session gets 503.',
          { pod: 'b' },
        ),
        from: 6.5,
      },
    ],
    quiet: [{ title: 'a failover ends in time', series: view({ a: '1x10 29 59 1x100', b: '30x120' }) }],
  },
  {
    alert: 'GatehouseRevocationsOwed',
    severity: 'warning',
    page: 'revocations-owed',
    sick: [
      {
        title: 'one replica cannot give them back',
        series: owed({ a: '0x40', b: '0x10 3x20' }),
        fired: fired(
          '3 revocation(s) in the memory of a replica are not known to be in Redis; they last as long as the replicas do.',
          { pod: 'b' },
        ),
        from: 10.5,
      },
    ],
    quiet: [{ title: 'they are given back', series: owed({ a: '0x10 3x9 0x100' }) }],
  },
  {
    alert: 'GatehouseStoreSettingUnsafe',
    severity: 'warning',
    page: 'store-setting-unsafe',
    sick: [
      {
        title: 'every replica says so',
        series: unsafe({ a: '1x40', b: '1x40' }),
        fired: fired('The maxmemory-policy of Redis endangers sessions and revocations.', {
          setting: 'maxmemory-policy',
        }),
        from: 10,
      },
    ],
    quiet: [{ title: 'it is set right', series: unsafe({ a: '1x18 0x100', b: '0x120' }) }],
  },
  {
    alert: 'GatehouseStorePasswordUnreadable',
    severity: 'warning',
    page: 'store-password-unreadable',
    sick: [
      {
        title: 'one replica of two cannot read it',
        series: password({ a: '1x40', b: '1x10 0x20' }),
        fired: fired(
          'A replica cannot read the file with the password of the Redis account server, and will not notice another one.',
          { pod: 'b', account: 'server' },
        ),
        from: 10.5,
      },
    ],
    quiet: [{ title: 'it comes back', series: password({ a: '1x10 0x9 1x100' }) }],
  },
  {
    alert: 'GatehouseClockDisagrees',
    severity: 'warning',
    page: 'clock-disagrees',
    sick: [
      {
        title: 'one replica is behind',
        series: clock({ a: '0x40', b: '-3.5x20' }),
        fired: fired('The clock of a replica and that of Redis are 3.5s apart.', { pod: 'b' }),
        from: 5,
      },
    ],
    quiet: [{ title: 'it is put right', series: clock({ a: '4x9 0x100' }) }],
  },
  {
    alert: 'GatehouseKeysNotRotated',
    severity: 'warning',
    page: 'keys-not-rotated',
    sick: [
      {
        title: 'it was made 50 days ago',
        series: keys({ a: `${-50 * DAY}x130`, b: `${-50 * DAY}x130` }),
        fired: fired('The signing key is more than 50 days old; the leader replaces it every 42.'),
        from: 60.5,
      },
    ],
    quiet: [
      { title: 'it is as old as it may be', series: keys({ a: `${-44 * DAY}x200` }) },
      { title: 'a replica has yet to hear of the next', series: keys({ a: '0x200', b: `${-50 * DAY}x200` }) },
    ],
  },
  {
    alert: 'GatehouseResourcesRefused',
    severity: 'warning',
    page: 'resources-refused',
    sick: [
      {
        title: 'every replica refuses two policies',
        series: refused({ a: '2x60', b: '2x60' }),
        fired: fired('2 object(s) of kind AccessPolicy are refused; their status says why.', { kind: 'AccessPolicy' }),
        from: 15,
      },
    ],
    quiet: [{ title: 'they are mended', series: refused({ a: '2x28 0x100', b: '2x29 0x100' }) }],
  },
  {
    alert: 'GatehouseWiringConflicts',
    severity: 'warning',
    page: 'wiring-conflicts',
    sick: [
      {
        title: 'the leader cannot write one',
        series: conflicts({ a: '1x60', b: '0x60' }),
        fired: fired('1 object(s) cannot be written as they have to be, because somebody else keeps changing them.'),
        from: 15,
      },
    ],
    quiet: [{ title: 'the next leader has none', series: conflicts({ a: '1x28 0x100', b: '0x120' }) }],
  },
]
