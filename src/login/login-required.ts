import { type Answer, jsonAnswer } from '../pages/answer.ts'
import type { PublicUrls } from '../policy/public-url.ts'

/** 401 to a program that carries no credential that counts (RFC 9110 section 15.5.2). */
export function loginRequired({ issuer }: PublicUrls): Answer {
  return jsonAnswer(401, { error: 'login-required' }, [
    ['WWW-Authenticate', `Gatehouse realm="${issuer}", error="login-required"`],
  ])
}
