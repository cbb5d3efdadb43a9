import { describe, expect, test } from 'vitest'
import { readRoute, routeReader } from '../../src/check/route.ts'

describe('readRoute', () => {
  test.each<[string, ReturnType<typeof readRoute>]>([
    ['/forward/host', { dialect: 'forward', application: undefined, query: '' }],
    ['/ingress-nginx/host?m=GET', { dialect: 'ingress-nginx', application: undefined, query: 'm=GET' }],
    ['/nginx/app/team/wiki', { dialect: 'nginx', application: 'team/wiki', query: '' }],
    ['/nginx/app/team-1/wiki.v2', { dialect: 'nginx', application: 'team-1/wiki.v2', query: '' }],
    ['/nginx/app/team/wiki?a?b', { dialect: 'nginx', application: 'team/wiki', query: 'a?b' }],
    ['/nginx/host?', { dialect: 'nginx', application: undefined, query: '' }],
    ['/forward/app/../host', { dialect: 'forward', application: '../host', query: '' }],
    ...['', '/', '?', '/forward', '/forward/', '/forward/host/', '/forward/host/x', '/forward/host/..', 'forward/host']
      .concat(['//forward/host', '/forward//host', '/Forward/host', '/forward/Host', '/for_ward/host', '/forward/app'])
      .concat(['/forward/app/team', '/forward/app/team/', '/forward/app/team/wiki/', '/forward/app/team/wiki/x'])
      .concat([
        '/forward/app/Team/wiki',
        '/forward/app/team/wi%6bi',
        '/forward/host\n',
        '\n/forward/host',
        '/forward/host ',
      ])
      .concat(['/forward/host#', '/forward/host;x', 'http://gatehouse/forward/host', '*', '/forward%2fhost'])
      .map((url) => [url, undefined] as [string, undefined]),
  ])('reads %j', (url, expected) => {
    expect(readRoute(url)).toEqual(expected)
  })

  test('reads 60 kB of anything in no time', () => {
    for (const unit of ['/', 'a', '/app', '-', '.', 'a/', '/a-']) {
      const started = performance.now()
      readRoute(`/forward/app/${unit.repeat(60_000 / unit.length)}!`)
      expect(performance.now() - started).toBeLessThan(200)
    }
  })
})

test('a reader that remembers says the same, the first time and later', () => {
  const read = routeReader()
  for (const url of ['/forward/host', '/nginx/app/a/b', '/nginx/app/a/b?x', '/', '/forward/host/..']) {
    expect([read(url), read(url)]).toEqual([readRoute(url), readRoute(url)])
  }
})
