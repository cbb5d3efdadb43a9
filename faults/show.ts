import { type Answered, exchange } from './exchange.ts'
import type { CheckEntry } from './history.ts'
import { hostOf, keyOf } from './places.ts'
import type { Replica } from './replica.ts'
import { versionIn } from './rotating-provider.ts'
import type { Token, Trial } from './trial.ts'

/** Shows a token to a replica, as nginx would ask, and records what it answers. */
export async function show(
  { scene, recorder }: Trial,
  client: string,
  token: Token,
  replica: Replica,
): Promise<CheckEntry['answer']> {
  const invokedAtMs = recorder.now()
  const answered = await exchange({
    port: replica.ports.check,
    path: `/nginx/app/${keyOf(token.application)}`,
    headers: {
      host: 'gatehouse:8181',
      'x-original-method': 'GET',
      'x-original-host': `${hostOf(token.application)}:${scene.authUrl.port}`,
      'x-original-uri': '/',
      'x-real-ip': '203.0.113.7',
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      cookie: token.cookie,
    },
  }).catch(() => undefined)
  const answer = answerOf(answered)
  const name = token.cookie.slice(0, token.cookie.indexOf('='))
  const clearedCookie = answered?.setCookies.some((line) => line.startsWith(`${name}=;`)) ?? false
  const version = token.application === 'rotating' ? versionIn(answered?.groups) : undefined
  const answeredAtMs = recorder.now()
  recorder.record({
    kind: 'check',
    client,
    invokedAtMs,
    answeredAtMs,
    replica: replica.name,
    token: token.name,
    answer,
    clearedCookie,
    ...(version === undefined ? {} : { version }),
  })
  return answer
}

function answerOf(answered: Answered | undefined): CheckEntry['answer'] {
  if (answered === undefined) return 'none'
  if (answered.status === 200) return 'allow'
  if (answered.status === 401) return 'challenge'
  return answered.status === 403 ? 'forbid' : 'unavailable'
}
