import { describe, expect, test } from 'vitest'
import { appTokens } from '../../../src/check/credentials/app-token.ts'
import { freshRing, mintedToken, NOW, rings } from '../../tokens/rings.ts'
import { api, urls, wiki } from '../world.ts'

function setUp(maxEntries = 100) {
  const state = { ring: rings.ES256 }
  const tokens = appTokens({ issuer: urls.issuer, keyRing: () => state.ring, maxEntries })
  const minted = () => mintedToken(state.ring, { issuer: urls.issuer, audience: wiki.audience })
  return { state, tokens, minted }
}

describe('the credential that is offered', () => {
  const { tokens } = setUp()
  const name = wiki.cookieName

  test.each<[string, string | undefined, string | undefined]>([
    ['', undefined, undefined],
    ['a=1', undefined, undefined],
    ['', 't', 't'],
    ['a=1', 't', 't'],
    [`${name}=c`, undefined, 'c'],
    [`a=1; ${name}=c; b=2`, undefined, 'c'],
    [`${name}=`, undefined, ''],
    ['', '', ''],
    [`${name}=c`, 't', 'token-doubled'],
    [`${name}=c`, 'c', 'token-doubled'],
    [`${name}=c`, '', 'token-doubled'],
    [`${name}=c; ${name}=c`, undefined, 'token-doubled'],
    [`${name}=c; ${name}=d`, 't', 'token-doubled'],
    [`${api.cookieName}=c`, undefined, undefined],
    [`${api.cookieName}=c`, 't', 't'],
  ])('with the cookies %j and the token %j is %j', (cookies, token, expected) => {
    expect(tokens.offered(wiki, { cookies, token })).toBe(expected)
  })
})

describe('a token', () => {
  test('is known once it has been verified, under its exact text alone', async () => {
    const { tokens, minted } = setUp()
    const token = await minted()
    expect(tokens.known(wiki, token, NOW)).toBeUndefined()
    const verified = await tokens.verify(wiki, token, NOW)
    expect(verified).toMatchObject({ token: { audience: wiki.audience } })
    expect(tokens.known(wiki, token, NOW)).toBe(verified)
    for (const other of [
      `${token} `,
      ` ${token}`,
      token.slice(1),
      `x${token}`,
      token.slice(-32),
      token.slice(0, -1),
      `.${token.slice(-32)}`,
      `${token.slice(0, -100)}${token.at(-100) === 'A' ? 'B' : 'A'}${token.slice(-99)}`,
      token.repeat(2),
      token.repeat(100),
      '',
    ]) {
      expect(tokens.known(wiki, other, NOW)).toBeUndefined()
    }
  })

  test('is remembered for one application, and refused for any other', async () => {
    const { tokens, minted } = setUp()
    const token = await minted()
    await tokens.verify(wiki, token, NOW)
    expect(tokens.known(api, token, NOW)).toBe('token-invalid')
    expect(await tokens.verify(api, token, NOW)).toBe('token-invalid')
  })

  test('that is not sound is not remembered', async () => {
    const { tokens, minted } = setUp()
    const token = `${(await minted()).slice(0, -4)}AAAA`
    expect(await tokens.verify(wiki, token, NOW)).toBe('token-invalid')
    expect(tokens.known(wiki, token, NOW)).toBeUndefined()
  })

  test.each([
    [-31_000, 'token-expired'],
    [3_629_000, undefined],
    [3_630_000, 'token-expired'],
  ])('that is remembered counts within its life only (%d ms from now)', async (offset, reason) => {
    const { tokens, minted } = setUp()
    const token = await minted()
    const verified = await tokens.verify(wiki, token, NOW)
    const known = tokens.known(wiki, token, Math.floor(NOW / 1000) * 1000 + offset)
    expect(known).toEqual(reason ?? verified)
  })

  test('that is remembered counts no longer without its key', async () => {
    const { state, tokens, minted } = setUp()
    const token = await minted()
    await tokens.verify(wiki, token, NOW)
    state.ring = await freshRing()
    expect(tokens.known(wiki, token, NOW)).toBe('token-invalid')
  })

  test('that was not used for longest is forgotten first', async () => {
    const { tokens, minted } = setUp(2)
    const [one, two, three] = [await minted(), await minted(), await minted()]
    for (const token of [one, two]) await tokens.verify(wiki, token, NOW)
    tokens.known(wiki, one, NOW)
    await tokens.verify(wiki, three, NOW)
    expect([one, two, three].map((token) => tokens.known(wiki, token, NOW) !== undefined)).toEqual([true, false, true])
  })
})
