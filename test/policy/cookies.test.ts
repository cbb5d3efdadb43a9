import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cookieNames, readCookie, withoutCookies } from '../../src/policy/cookies.ts'

const PREFIX = '__Host-gatehouse-'
const NAME = `${PREFIX}abc`

describe('readCookie', () => {
  test.each<[string, string, ReturnType<typeof readCookie>]>([
    ['nothing', '', undefined],
    ['others only', 'a=1; b=2', undefined],
    ['it alone', `${NAME}=x`, { value: 'x' }],
    ['it first', `${NAME}=x; a=1`, { value: 'x' }],
    ['it in the middle', `a=1; ${NAME}=x; b=2`, { value: 'x' }],
    ['it last', `a=1; ${NAME}=x`, { value: 'x' }],
    ['no space', `a=1;${NAME}=x;b=2`, { value: 'x' }],
    ['more spaces', `a=1; \t  ${NAME}=x`, { value: 'x' }],
    ['spaces in front', `  ${NAME}=x`, { value: 'x' }],
    ['an empty value', `${NAME}=`, { value: '' }],
    ['an empty value in the middle', `${NAME}=; a=1`, { value: '' }],
    ['a value with equals signs', `${NAME}=a=b==`, { value: 'a=b==' }],
    ['a value in quotes, which stay', `${NAME}="x"`, { value: '"x"' }],
    ['a value with escapes, which stay', `${NAME}=%41`, { value: '%41' }],
    ['a value with a space behind, which stays', `${NAME}=x ; a=1`, { value: 'x ' }],
    ['it twice', `${NAME}=x; ${NAME}=y`, 'doubled'],
    ['it twice, the same', `${NAME}=x; a=1; ${NAME}=x`, 'doubled'],
    ['it twice, once empty', `${NAME}=; ${NAME}=y`, 'doubled'],
    ['it twice, without a space', `${NAME}=x;${NAME}=y`, 'doubled'],
    ['it and itself as a value', `${NAME}=${NAME}=x`, { value: `${NAME}=x` }],
    ['its name as a value', `a=${NAME}=x`, undefined],
    ['its name behind a space in a value', `a=b ${NAME}=x`, undefined],
    ['its name behind a comma', `a=b,${NAME}=x`, undefined],
    ['its name without a value', `${NAME}`, undefined],
    ['its name without a value, and itself', `${NAME}; ${NAME}=x`, { value: 'x' }],
    ['a space before the equals sign', `${NAME} =x`, undefined],
    ['a longer name', `${NAME}d=x`, undefined],
    ['a name that ends alike', `x${NAME}=x`, undefined],
    ['other letters', `${NAME.toUpperCase()}=x`, undefined],
    ['a no-break space in front', `\u00a0${NAME}=x`, undefined],
    ['the bytes of U+2000 in front', `\u00e2\u0080\u0080${NAME}=x`, undefined],
    ['a NUL in front', `\0${NAME}=x`, undefined],
    ['a line end in front', `a=1\n${NAME}=x`, undefined],
    ['quotes around the name', `"${NAME}"=x`, undefined],
  ])('reads from %s', (_, header, expected) => {
    expect(readCookie(header, NAME)).toEqual(expected)
  })

  test('finds what was put in, wherever it stands among others', () => {
    const other = fc
      .tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[\x21-\x3a\x3c-\x7e]{0,8}$/))
      .map((pair) => pair.join('='))
    const value = fc.stringMatching(/^[\w.-]{0,20}$/)
    fc.assert(
      fc.property(fc.array(other), value, fc.array(other), fc.boolean(), (before, wanted, after, isDoubled) => {
        const ours = `${NAME}=${wanted}`
        const header = [...before, ours, ...after, ...(isDoubled ? [ours] : [])].join('; ')
        expect(readCookie(header, NAME)).toEqual(isDoubled ? 'doubled' : { value: wanted })
      }),
    )
  })

  test('reads 60 kB of anything in no time', () => {
    for (const unit of [NAME, `${NAME}=`, ' ', ';', '; ', `x${NAME}=`, `; ${NAME}`, `${NAME} =`, ` ${NAME}=`]) {
      const header = unit.repeat(60_000 / unit.length)
      const started = performance.now()
      readCookie(header, NAME)
      expect(performance.now() - started).toBeLessThan(200)
    }
  })
})

describe('cookieNames', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['a=1', []],
    [`${PREFIX}tx-1=a; b=2; ${PREFIX}tx-2=c`, [`${PREFIX}tx-1`, `${PREFIX}tx-2`]],
    [`${PREFIX}tx-1=a; ${PREFIX}tx-1=b`, [`${PREFIX}tx-1`, `${PREFIX}tx-1`]],
    [`${PREFIX}tx-1`, [`${PREFIX}tx-1`]],
    [`a=${PREFIX}tx-1=b`, []],
    [`;;${PREFIX}=a`, [PREFIX]],
    [`\u00a0${PREFIX}tx-1=a`, []],
  ])('finds in %j %j', (header, names) => {
    expect(cookieNames(header, PREFIX)).toEqual(names)
  })
})

describe('withoutCookies', () => {
  test.each<[string, string, string]>([
    ['nothing', '', ''],
    ['nothing of ours', 'a=1;b=2 ; c', 'a=1;b=2 ; c'],
    ['ours alone', `${NAME}=x`, ''],
    ['ours first', `${NAME}=x; a=1`, 'a=1'],
    ['ours last', `a=1; ${NAME}=x`, 'a=1'],
    ['ours in the middle', `a=1; ${NAME}=x; b=2`, 'a=1; b=2'],
    ['several of ours', `${PREFIX}session=1; a=1; ${PREFIX}flow-x=2; ${PREFIX}tx-y=3`, 'a=1'],
    ['ours without a value', `a=1; ${NAME}; b=2`, 'a=1; b=2'],
    ['ours without spaces', `a=1;${NAME}=x;b=2`, 'a=1; b=2'],
    ['ours with a space before the equals sign', `a=1; ${NAME} =x`, 'a=1'],
    ['what an app would trim to ours', `a=1; \u00a0${NAME}=x; \t${NAME}=y`, 'a=1'],
    ['our name as a value, which stays', `a=${NAME}; ${NAME}=x`, `a=${NAME}`],
    ['empty ones, which go', `;; ${NAME}=x; ;a=1;`, 'a=1'],
    ['another __Host- cookie, which stays', `__Host-other=1; ${NAME}=x`, '__Host-other=1'],
    [
      'values that end in the byte A0, as “à” does, which stay',
      `a=\u00c3\u00a0; ${NAME}=x; b=\u00a0`,
      'a=\u00c3\u00a0; b=\u00a0',
    ],
  ])('takes out of %s', (_, header, expected) => {
    expect(withoutCookies(header, PREFIX)).toBe(expected)
  })

  test('leaves nothing of ours, and the others in their order', () => {
    const other = fc.stringMatching(/^[a-z]{1,5}=[\x21-\x3a\x3c-\x7e\x80-\xff]{0,8}$/)
    const ours = fc.stringMatching(/^[a-z0-9-]{1,8}$/).map((end) => `${PREFIX}${end}=secret`)
    fc.assert(
      fc.property(fc.array(fc.oneof(other, ours)), (pairs) => {
        const left = withoutCookies(pairs.join('; '), PREFIX)
        expect(left).toBe(pairs.filter((pair) => !pair.startsWith(PREFIX)).join('; '))
        expect(cookieNames(left, PREFIX)).toEqual([])
        expect(withoutCookies(left, PREFIX)).toBe(left)
      }),
    )
  })
})
