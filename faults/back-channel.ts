import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { exchange } from './exchange.ts'
import type { RevocationEntry } from './history.ts'
import { ROTATING_PROVIDER } from './places.ts'
import type { Replica } from './replica.ts'
import type { Trial } from './trial.ts'

type Answer = RevocationEntry['answer']

/** What a provider has to say, and when it has been said before. */
export interface LogoutNotice {
  readonly client: string
  readonly replica: Replica
  readonly providerSid: string
  readonly token: string
  readonly jti: string
}

const AUDIT_PATIENCE_MS = 1_000

/**
 * Posts a logout token as a provider does, and records the try, and the revocation if it may have come of it.
 *
 * @returns the revocation's answer; 'replayed' if the token does not count any more
 */
export async function postLogout(trial: Trial, notice: LogoutNotice): Promise<Answer | 'replayed'> {
  const { recorder, scene } = trial
  const { client, replica, providerSid, token, jti } = notice
  const invokedAtMs = recorder.now()
  const answered = await exchange({
    port: replica.ports.portal,
    path: `/backchannel-logout/${ROTATING_PROVIDER}`,
    method: 'POST',
    headers: { host: scene.authUrl.host, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token }).toString(),
    timeoutMs: 10_000,
  }).catch(() => undefined)
  const timing = { client, invokedAtMs, answeredAtMs: recorder.now(), replica: replica.name }
  const succeeded = answered?.status === 200
  recorder.record({ kind: 'one-time', ...timing, thing: `logout token ${jti}`, succeeded })
  if (answered?.status === 400) return 'replayed'
  const answer = succeeded ? await acknowledgement(replica, providerSid) : 'unknown'
  // That it may take effect stands for all other tries that had no answer.
  if (answer === 'unknown') {
    if (trial.unsureLogouts.has(jti)) return answer
    trial.unsureLogouts.add(jti)
  }
  const scope = { kind: 'provider-session', provider: ROTATING_PROVIDER, providerSid } as const
  recorder.record({ kind: 'revocation', ...timing, answeredAtMs: recorder.now(), scope, answer })
  return answer
}

/** The provider is told no more than that it is done; whether more than the master holds it stands in the audit trail. */
async function acknowledgement(replica: Replica, providerSid: string): Promise<Answer> {
  const hash = createHash('sha256').update(providerSid).digest('base64url')
  const giveUpAt = performance.now() + AUDIT_PATIENCE_MS
  for (;;) {
    const lines = (await readFile(replica.auditFile, 'utf8')).split('\n')
    const line = lines.findLast((one) => one.includes(hash) && one.includes('"backchannel-logout"'))
    if (line !== undefined)
      return (JSON.parse(line) as { outcome: string }).outcome === 'accepted' ? 'accepted' : 'pending'
    if (performance.now() > giveUpAt) return 'pending'
    await pause(10)
  }
}
