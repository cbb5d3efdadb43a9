import { describe, expect, test } from 'vitest'
import { logInOverHttp } from '../parts/openid-login.ts'
import { startOpenIdProvider } from '../parts/openid-provider.ts'
import { attempt, providerFor, refreshed, renewed, settingsFor } from './setting-up.ts'

describe('at the certified oidc-provider', () => {
  const offline = { scopes: ['openid', 'email', 'profile', 'offline_access'], consentPrompt: true }
  const secret = 'correct horse / battery'
  const start = () =>
    startOpenIdProvider({
      accounts: [{ sub: 'alice', email: 'alice@example.com', email_verified: true, groups: ['engineering'] }],
      clients: [{ clientId: 'gatehouse', clientSecret: secret, redirectUris: [attempt.redirectUri] }],
    })

  test('a refresh token is given for offline_access and consent, rotates, and ends with the grant', async () => {
    await using op = await start()
    const { provider } = providerFor(settingsFor(op.issuer, offline))
    const url = await provider.authorizationUrl(attempt)
    expect(url.searchParams.get('prompt')).toBe('consent')
    const signIn = await provider.complete(attempt, await logInOverHttp(url, 'alice'))
    expect(signIn.expiresAtMs).toBeGreaterThan(Date.now() + 500_000)
    let refreshToken = signIn.refreshToken ?? ''
    for (let round = 0; round < 3; round += 1) {
      const { kept, outcome } = await refreshed(provider, signIn, refreshToken)
      const next = renewed(await outcome)
      expect(next.identity).toMatchObject({ subject: signIn.identity.subject, groups: ['engineering'] })
      expect(kept).toEqual([next.refreshToken])
      refreshToken = next.refreshToken
    }
    op.revokeGrants('alice')
    expect(await (await refreshed(provider, signIn, refreshToken)).outcome).toEqual({ kind: 'gone' })
  })

  test('none is given to somebody who does not ask for it', async () => {
    await using op = await start()
    const { provider } = providerFor(settingsFor(op.issuer))
    const callback = await logInOverHttp(await provider.authorizationUrl(attempt), 'alice')
    expect((await provider.complete(attempt, callback)).refreshToken).toBeUndefined()
  })

  test('consent and another account can be asked for together', async () => {
    await using op = await start()
    const { provider } = providerFor(settingsFor(op.issuer, offline))
    const url = await provider.authorizationUrl({ ...attempt, switchAccount: true })
    expect(url.searchParams.get('prompt')).toBe('select_account consent')
    expect((await provider.complete(attempt, await logInOverHttp(url, 'alice'))).refreshToken).toBeDefined()
  })
})
