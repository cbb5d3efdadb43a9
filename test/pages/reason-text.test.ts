import { describe, expect, test } from 'vitest'
import { reasonText } from '../../src/pages/reason-text.ts'
import { isReason, reasons } from '../../src/policy/reasons.ts'

const SERVED_ELSEWHERE = new Set([
  'policy-allows',
  'policy-bypasses',
  'service-auth',
  'login-required',
  'session-ended',
  'token-expired',
  'store-unavailable',
  'token-revoked',
  'revocations-stale',
  'identity-unconfirmed',
  'answer-too-large',
  'not-ready',
])

const general = reasonText('policy-allows')

describe('the words for a reason', () => {
  for (const reason of Object.keys(reasons).filter(isReason)) {
    test(`${reason} has two sentences in plain English${SERVED_ELSEWHERE.has(reason) ? '' : ' of its own'}`, () => {
      const { why, next } = reasonText(reason)
      for (const sentence of [why, next]) expect(sentence).toMatch(/^[A-Z][^<>`_{}]*[.]$/)
      if (!SERVED_ELSEWHERE.has(reason)) expect(why).not.toBe(general.why)
    })
  }

  test('those of the first rule error stand before those of the decision', () => {
    expect(reasonText('no-policy-matches', ['claim-missing', 'email-missing'])).toEqual(reasonText('claim-missing'))
  })
})
