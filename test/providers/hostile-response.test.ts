import { describe, expect, test } from 'vitest'
import { startHostileProvider } from '../parts/hostile-provider.ts'
import { failureOf, type Row, refuses } from './refusal.ts'
import { attempt, providerFor, settingsFor } from './setting-up.ts'

const rows: readonly Row[] = [
  {
    title: 'a response without state',
    mischief: { response: (parameters) => parameters.delete('state') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with another state',
    mischief: { response: (parameters) => parameters.set('state', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with two states',
    mischief: { response: (parameters) => parameters.append('state', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response without the iss that was announced',
    mischief: { response: (parameters) => parameters.delete('iss') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with the iss of another provider',
    mischief: { response: (parameters) => parameters.set('iss', 'https://x.test') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a wrong iss that was not announced',
    mischief: {
      discovery: (document) => ({ ...document, authorization_response_iss_parameter_supported: false }),
      response: (parameters) => parameters.set('iss', 'https://x.test'),
    },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response without a code',
    mischief: { response: (parameters) => parameters.delete('code') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with two codes',
    mischief: { response: (parameters) => parameters.append('code', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with an ID token in it',
    mischief: { response: (parameters) => parameters.set('id_token', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a code that is not its own',
    mischief: { response: (parameters) => parameters.set('code', 'x') },
    reason: 'provider-code-refused',
  },
  ...(
    [
      ['access_denied', 'provider-access-denied'],
      ['login_required', 'provider-login-required'],
      ['server_error', 'provider-failed'],
      ['temporarily_unavailable', 'provider-failed'],
      ['invalid_scope', 'provider-client-refused'],
      ['<script>alert(1)</script>', 'provider-error'],
    ] as const
  ).map(
    ([error, reason]): Row => ({
      title: `the error ${error}`,
      mischief: {
        response: (parameters) => {
          parameters.delete('code')
          parameters.set('error', error)
          parameters.set('error_description', `<script>\u0000\r\n\u202e${'x'.repeat(5000)}`)
        },
      },
      reason,
      keepsCode: true,
    }),
  ),
]

describe('a browser’s return is refused', () => {
  refuses(rows)

  test('when a code is used twice', async () => {
    await using hostile = await startHostileProvider()
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    await provider.complete(attempt, callback)
    expect((await failureOf(provider.complete(attempt, callback))).reason).toBe('provider-code-refused')
  })

  test('when another attempt’s verifier comes with the code', async () => {
    await using hostile = await startHostileProvider()
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    const other = { ...attempt, verifier: 'w'.repeat(43) }
    expect((await failureOf(provider.complete(other, callback))).reason).toBe('provider-code-refused')
  })
})
