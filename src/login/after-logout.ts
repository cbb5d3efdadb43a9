import { z } from 'zod'
import { type Answer, redirect } from '../pages/answer.ts'
import { signedOutPage } from '../pages/signed-out.ts'
import { isKnownHost } from '../policy/match.ts'
import { ProviderError } from '../providers/provider.ts'
import { open, seal } from '../tokens/seal.ts'
import type { LoginPorts } from './login-ports.ts'
import type { Visit } from './visit.ts'

/** The auth host does not know which app was left. */
const TO_LAUNCHER = { label: 'Sign in again', href: '/' } as const

/** What was left by a sign-out, for the page at its end. */
const leftSchema = z.strictObject({ host: z.string().optional(), isEverywhere: z.boolean() })
type Left = z.infer<typeof leftSchema>

const WAY_BACK_MS = 10 * 60 * 1000

/** On to the provider's end-session endpoint where it has one; a provider that is down does not hinder a logout. */
export async function toProvider(
  ports: LoginPorts,
  session: { readonly provider?: string | undefined; readonly sealedIdToken?: string | undefined },
  left: Left,
): Promise<Answer> {
  const { sealedIdToken } = session
  const provider = session.provider === undefined ? undefined : ports.providers.get(session.provider)
  const idToken =
    sealedIdToken === undefined ? undefined : await open(ports.keyRing(), 'id-token', sealedIdToken, ports.now())
  try {
    const url = await provider?.endSessionUrl({
      idToken: typeof idToken === 'string' ? idToken : undefined,
      postLogoutRedirectUri: `${ports.urls.issuer}/logout`,
      state: await seal(ports.keyRing(), 'signed-out', left, ports.now() + WAY_BACK_MS),
    })
    return url === undefined ? lastPage(ports, left) : redirect(303, url.href)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return lastPage(ports, left)
  }
}

/** The page at the end, as far as it is known what was left. */
export function lastPage({ policySet, urls }: LoginPorts, { host, isEverywhere }: Left): Answer {
  const set = policySet()
  const isAppHost = host !== undefined && set !== undefined && isKnownHost(set, host)
  const back = isAppHost ? { label: 'Open the app again', href: `${urls.origin(host)}/` } : TO_LAUNCHER
  return signedOutPage({ back, isEverywhere })
}

/** What the provider's redirect brings back of it. */
export async function leftBefore(ports: LoginPorts, visit: Visit): Promise<Left> {
  const state = visit.query.get('state')
  const opened = state === null ? undefined : await open(ports.keyRing(), 'signed-out', state, ports.now())
  return leftSchema.safeParse(opened).data ?? { isEverywhere: false }
}
