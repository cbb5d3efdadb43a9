import { z } from 'zod'
import { celMatches, celPattern, celRules } from '../policy/cel-rule.ts'
import { text } from '../policy/text.ts'
import { issuer } from './issuer.ts'

const SECRET_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/
const SECRET_KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/
const CLIENT_ID = /^[ -~]+$/
const SCOPE = /^[!#-[\]-~]+$/
const PARAMETER = /^[A-Za-z][A-Za-z0-9_.-]*$/

/** Parameters of the authorization request that the login itself writes. */
const RESERVED: ReadonlySet<string> = new Set([
  'client_assertion',
  'client_assertion_type',
  'client_id',
  'client_secret',
  'code',
  'code_challenge',
  'code_challenge_method',
  'code_verifier',
  'id_token_hint',
  'max_age',
  'nonce',
  'prompt',
  'redirect_uri',
  'registration',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
])

const secretRef = z
  .strictObject({
    name: z
      .string()
      .max(253)
      .regex(SECRET_NAME, 'expected the name of a Secret')
      .meta(celPattern(SECRET_NAME, 'expected the name of a Secret'))
      .describe('Name of the Secret, in the system namespace (without Kubernetes: a directory below the secrets).'),
    key: z
      .string()
      .max(253)
      .regex(SECRET_KEY, 'expected a key of a Secret')
      .meta(celPattern(SECRET_KEY, 'expected a key of a Secret'))
      .describe('Key within the Secret (without Kubernetes: the name of the file).'),
  })
  .describe('Where the client secret is kept. Leave it out for a public client.')

const claimName = text(1, 256)

const claimNames = z
  .strictObject({
    email: claimName.default('email').describe('Claim with the email address.'),
    groups: claimName.default('groups').describe('Claim with the groups: a list of texts, or one text for one group.'),
    name: claimName.default('name').describe('Claim with the person’s full name.'),
    preferredUsername: claimName.default('preferred_username').describe('Claim with the login name.'),
  })
  .describe(
    'Which claims to read. A name is first looked up as it stands, then as a path into nested claims, such as realm_access.roles.',
  )

const scope = z
  .string()
  .min(1)
  .max(128)
  .regex(SCOPE, 'expected one scope, without spaces')
  .meta(celPattern(SCOPE, 'expected one scope, without spaces'))

const parameter = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(PARAMETER, 'expected the name of a request parameter')
    .refine((name) => !RESERVED.has(name), { error: 'expected a parameter that the login does not write itself' })
    .meta({
      pattern: undefined,
      ...celRules(
        { rule: celMatches(PARAMETER), message: 'expected the name of a request parameter' },
        {
          rule: `!(self in ${JSON.stringify([...RESERVED])})`,
          message: 'expected a parameter that the login does not write itself',
        },
      ),
    })
    .describe(
      'Name of the parameter, such as domain_hint or acr_values. Those that the login needs cannot be replaced.',
    ),
  value: text(0, 512).describe('Value of the parameter.'),
})

/** Settings of an identity provider that speaks OpenID Connect: `spec.oidc` of an `IdentityProvider`. */
export const oidcSettings = z
  .strictObject({
    issuer: issuer.describe(
      'The provider’s issuer, exactly as its discovery document spells it. http is for localhost in the development mode.',
    ),
    clientID: z
      .string()
      .min(1)
      .max(512)
      .regex(CLIENT_ID, 'expected printable ASCII')
      .meta(celPattern(CLIENT_ID, 'expected printable ASCII'))
      .describe('The client id that the provider gave us.'),
    clientSecretRef: secretRef.optional(),
    tokenEndpointAuthMethod: z
      .enum(['ClientSecretBasic', 'ClientSecretPost', 'None'])
      .optional()
      .describe(
        'How we authenticate at the token endpoint. Default: ClientSecretBasic with a client secret, None without one.',
      ),
    scopes: z
      .array(scope)
      .max(32)
      .default(['openid', 'email', 'profile'])
      .describe(
        'Scopes to ask for; openid is always asked for. Many providers give a refresh token only for offline_access.',
      ),
    claims: claimNames.prefault({}),
    trustEmail: z
      .boolean()
      .default(false)
      .describe(
        'Take every email address of this provider for verified, whatever it says. Only for a provider whose users cannot choose their address.',
      ),
    responseMode: z
      .enum(['Query', 'FormPost'])
      .default('Query')
      .describe('How the provider sends the browser back: by a redirect, or by a form that posts itself.'),
    switchAccountPrompt: z
      .enum(['Login', 'SelectAccount'])
      .optional()
      .describe(
        'What to ask the provider for when a person wants another account. Default: SelectAccount where the provider lists it, else Login.',
      ),
    consentPrompt: z
      .boolean()
      .default(false)
      .describe(
        'Let the provider ask the person for consent at every login, which some demand before they give a refresh token (scope offline_access).',
      ),
    authorizationParameters: z
      .array(parameter)
      .max(16)
      .default([])
      .describe('Parameters to add to the authorization request.'),
    requestUserinfo: z
      .boolean()
      .default(true)
      .describe('Ask the userinfo endpoint too, where the provider has one; what it says goes before the ID token.'),
  })
  .refine((self) => self.tokenEndpointAuthMethod !== 'None' || self.clientSecretRef === undefined, {
    path: ['tokenEndpointAuthMethod'],
    error: 'expected no clientSecretRef beside None',
  })
  .refine((self) => (self.tokenEndpointAuthMethod ?? 'None') === 'None' || self.clientSecretRef !== undefined, {
    path: ['tokenEndpointAuthMethod'],
    error: 'expected a clientSecretRef',
  })
  .meta(
    celRules(
      {
        rule: "!has(self.tokenEndpointAuthMethod) || self.tokenEndpointAuthMethod != 'None' || !has(self.clientSecretRef)",
        message: 'expected no clientSecretRef beside None',
        fieldPath: '.tokenEndpointAuthMethod',
      },
      {
        rule: "!has(self.tokenEndpointAuthMethod) || self.tokenEndpointAuthMethod == 'None' || has(self.clientSecretRef)",
        message: 'expected a clientSecretRef',
        fieldPath: '.tokenEndpointAuthMethod',
      },
    ),
  )
  .describe('A provider that speaks OpenID Connect.')

/** Settings of an OpenID provider, with their defaults. */
export type OidcSettings = z.infer<typeof oidcSettings>

/** Whether the issuer is one that only the development mode admits: http on `localhost` or a name below it. */
export function isDevelopmentIssuer(issuer: string): boolean {
  return issuer.startsWith('http:')
}

/** How to authenticate at the token endpoint, the default worked out. */
export function authMethodOf(settings: OidcSettings): 'ClientSecretBasic' | 'ClientSecretPost' | 'None' {
  return settings.tokenEndpointAuthMethod ?? (settings.clientSecretRef === undefined ? 'None' : 'ClientSecretBasic')
}
