import type { RevokedScope } from './events.ts'
import { ifDefined, safeSid, safeSubject, safeText } from './redact.ts'

/** What a line says of the scope of a revocation. Addresses and the provider's own ids of sessions are left out. */
export function scopeFields({ kind, sid, subject, provider, application }: RevokedScope) {
  return {
    scope: kind,
    session: ifDefined(sid, safeSid),
    subject: ifDefined(subject, safeSubject),
    provider: ifDefined(provider, safeText),
    application: ifDefined(application, safeText),
  }
}
