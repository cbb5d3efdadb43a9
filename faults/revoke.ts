import type { RevocationScope } from '../src/revocation/revocation.ts'
import type { Browser } from './browser.ts'
import { type Answered, exchange } from './exchange.ts'
import type { RevocationEntry } from './history.ts'
import { ADMIN_TOKEN } from './places.ts'
import type { Replica } from './replica.ts'
import type { Trial } from './trial.ts'

type Answer = RevocationEntry['answer']

/** Revokes by the admin API of a replica, and records what became of it. */
export async function revoke(
  { recorder }: Trial,
  client: string,
  replica: Replica,
  scope: RevocationScope,
): Promise<Answer> {
  const invokedAtMs = recorder.now()
  const answered = await exchange({
    port: replica.ports.admin,
    path: '/v1/revocations',
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ scope: worded(scope), reason: 'fault harness' }),
    timeoutMs: 10_000,
  }).catch(() => undefined)
  const answer = answerOf(answered)
  recorder.record({
    kind: 'revocation',
    client,
    invokedAtMs,
    answeredAtMs: recorder.now(),
    replica: replica.name,
    scope,
    answer,
  })
  return answer
}

/** Signs out on the auth host. Its page does not say how many hold the revocation, so it counts as pending. */
export async function signOut(
  trial: Trial,
  { client, browser, replica, sid }: { client: string; browser: Browser; replica: Replica; sid: string },
): Promise<Answer> {
  const { scene, recorder } = trial
  const invokedAtMs = recorder.now()
  const url = new URL('/logout', scene.authUrl)
  const answered = await browser.visit(url, replica, new URLSearchParams()).catch(() => undefined)
  const answer = answered !== undefined && answered.status < 400 ? 'pending' : 'unknown'
  if (answer === 'pending') trial.signOuts += 1
  const scope = { kind: 'session', sid } as const
  recorder.record({
    kind: 'revocation',
    client,
    invokedAtMs,
    answeredAtMs: recorder.now(),
    replica: replica.name,
    scope,
    answer,
  })
  return answer
}

/** A replica that answers at all, and does not say that it has accepted it, may have recorded it all the same. */
function answerOf(answered: Answered | undefined): Answer {
  if (answered === undefined || answered.status >= 500) return 'unknown'
  if (answered.status >= 400) throw new Error(`the admin API answered ${answered.status}: ${answered.body}`)
  const { status } = JSON.parse(answered.body) as { status: 'accepted' | 'pending' }
  return status
}

function worded(scope: RevocationScope): object {
  switch (scope.kind) {
    case 'session':
      return { type: 'Session', sid: scope.sid }
    case 'provider-session':
      return { type: 'ProviderSession', provider: scope.provider, providerSid: scope.providerSid }
    case 'subject':
      return { type: 'Subject', subject: scope.subject }
    case 'email':
      return { type: 'Email', email: scope.email }
    case 'application':
      return { type: 'Application', application: scope.application }
    case 'everybody':
      return { type: 'Everybody', confirm: 'everybody' }
  }
}
