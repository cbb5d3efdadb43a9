import type { AnyRuleKind } from '../rule.ts'
import { accessGroup } from './access-group.ts'
import { claim } from './claim.ts'
import { email } from './email.ts'
import { emailDomain } from './email-domain.ts'
import { emails } from './emails.ts'
import { everyone } from './everyone.ts'
import { group } from './group.ts'
import { identityProvider } from './identity-provider.ts'
import { ip } from './ip.ts'
import { method } from './method.ts'

/** Every kind of rule there is, in the order in which the reference lists them. */
export const ruleKinds: readonly AnyRuleKind[] = [
  everyone,
  email,
  emails,
  emailDomain,
  group,
  claim,
  identityProvider,
  ip,
  method,
  accessGroup,
]
