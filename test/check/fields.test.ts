import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fields, fieldReader } from '../../src/check/fields.ts'

const read = fieldReader({ method: 'X-Original-Method', host: 'X-Original-Host', clientAddress: 'X-Real-IP' })

describe('fieldReader', () => {
  test.each<[string, string[], Partial<Fields>]>([
    ['nothing', [], { cookies: '', method: undefined }],
    ['a decisive header', ['X-Original-Host', 'a'], { host: 'a' }],
    ['a decisive header in other letters', ['x-ORIGINAL-host', 'a'], { host: 'a' }],
    ['a decisive header that is empty', ['X-Original-Host', ''], { host: '' }],
    ['a header of another dialect', ['X-Forwarded-Host', 'a'], { host: undefined }],
    ['one cookie line', ['Cookie', 'a=1'], { cookies: 'a=1' }],
    ['several cookie lines', ['Cookie', 'a=1', 'cookie', 'b=2', 'COOKIE', 'c=3'], { cookies: 'a=1; b=2; c=3' }],
    ['an empty cookie line', ['Cookie', '', 'Cookie', 'b=2'], { cookies: 'b=2' }],
    ['a token', ['Gatehouse-Token', 't'], { token: 't' }],
    [
      'hints, the last of which counts',
      ['Accept', 'a', 'Accept', 'b', 'Sec-Fetch-Mode', 'cors'],
      { accept: 'b', secFetchMode: 'cors' },
    ],
    ['a header whose name is an object’s', ['__proto__', 'x', 'constructor', 'y'], { host: undefined }],
  ])('reads %s', (_, rawHeaders, expected) => {
    expect(read(rawHeaders)).toMatchObject(expected)
  })

  test.each<[string, string[], string]>([
    ['a decisive header twice', ['X-Original-Host', 'a', 'X-Original-Host', 'a'], 'request-field-doubled'],
    ['a decisive header twice, once empty', ['X-Original-Host', '', 'x-original-host', 'a'], 'request-field-doubled'],
    ['the token twice', ['Gatehouse-Token', 'a', 'Gatehouse-Token', 'b'], 'request-field-doubled'],
    ['a twin with underscores', ['X_Original_Host', 'a'], 'request-field-aliased'],
    ['a twin with one underscore', ['X-Original_Host', 'a'], 'request-field-aliased'],
    ['a twin with dots', ['x.original.host', 'a'], 'request-field-aliased'],
    ['a twin with both', ['X.Original_Host', 'a'], 'request-field-aliased'],
    ['a twin with any other mark', ['X~Original!Host', 'a'], 'request-field-aliased'],
    ['a twin of the client’s address', ['X_Real_IP', 'a'], 'request-field-aliased'],
    ['a twin of what we tell the app', ['X_Auth_Request_User', 'a'], 'request-field-aliased'],
    ['a twin of the assertion', ['Gatehouse.Jwt.Assertion', 'a'], 'request-field-aliased'],
    ['a twin of a hint', ['Sec_Fetch_Mode', 'navigate'], 'request-field-aliased'],
    ['a twin of the token', ['Gatehouse_Token', 'a'], 'request-field-aliased'],
    ['too many', Array.from({ length: 402 }, () => 'a'), 'request-too-many-headers'],
  ])('refuses %s', (_, rawHeaders, reason) => {
    expect(read(rawHeaders)).toBe(reason)
  })

  test('reads the same however many odd spellings it has seen before', () => {
    const seasoned = fieldReader({ host: 'X-Original-Host' })
    for (let index = 0; index < 5000; index++) seasoned([`Y-${index}`.padEnd('X-Original-Host'.length, 'y'), ''])
    expect(seasoned(['X-Original-Host', 'a'])).toMatchObject({ host: 'a' })
    expect(seasoned(['x-oRiginal-host', 'a'])).toMatchObject({ host: 'a' })
    expect(seasoned(['x_oRiginal-host', 'a'])).toBe('request-field-aliased')
    expect(seasoned(['X-Original-Host', 'a', 'x-orIginal-host', 'a'])).toBe('request-field-doubled')
  })

  test('finds a decisive header wherever it stands, and never in another’s place', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+^`|~-]{1,20}$/)
    const others = fc.array(fc.tuple(name, fc.string()), { maxLength: 20 })
    fc.assert(
      fc.property(others, fc.string(), others, (before, host, after) => {
        const isOther = ([one]: [string, string]) =>
          !['x-original-method', 'x-original-host', 'x-real-ip', 'gatehouse-token'].includes(one.toLowerCase())
        const rawHeaders = [...before.filter(isOther), ['X-Original-Host', host], ...after.filter(isOther)].flat()
        expect(read(rawHeaders)).toMatchObject({ host, method: undefined, clientAddress: undefined, token: undefined })
      }),
    )
  })
})
