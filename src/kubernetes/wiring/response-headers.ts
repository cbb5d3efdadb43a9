/**
 * The headers that a proxy has to take from Gatehouse's answer, and so from nobody else: all that an allow may carry, and
 * the visitor's own token, which Gatehouse never answers and which must not reach the app.
 */
export const RESPONSE_HEADERS = [
  'Gatehouse-Jwt-Assertion',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
  'Cookie',
  'Gatehouse-Token',
] as const
