import { z } from 'zod'
import { celMatches, celRules } from '../policy/cel-rule.ts'
import { IPV4, IPV6 } from '../policy/ip-range.ts'
import { FORBIDDEN_RANGES, isForbiddenHost } from './callable.ts'

/** A last label that begins with a letter is no number, which some readers take for an IPv4 address. */
const NAME = '(?:[A-Za-z0-9_-]+\\.)*[A-Za-z][A-Za-z0-9_-]*'
const PORT = '(?::(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?'
const PATH = '(?:/(?:[!"$&->A-\\[\\]-~]|%[0-9A-Fa-f]{2})*)?'

const ISSUER = new RegExp(
  `^(?:https://(?:${NAME}|${IPV4}|\\[(?:${IPV6})\\])|http://(?:[a-z0-9-]+\\.)*localhost)${PORT}${PATH}$`,
)
const MAPPED = /^\[::ffff:/

const EXPECTED = 'expected an https URL without query, such as https://login.example.com/realms/staff'
const EXPECTED_HOST = 'expected the address of a provider, not one of a link-local, multicast or metadata service'

/** Issuer of an OpenID provider: https, or http on `localhost` or a name below it. */
export const issuer = z
  .string()
  .max(512)
  .regex(ISSUER, EXPECTED)
  .refine(isAddressOfProvider, { error: EXPECTED_HOST })
  .meta({
    pattern: undefined,
    ...celRules(
      { rule: celMatches(ISSUER), message: EXPECTED },
      {
        rule: `!self.matches(r'^https://[0-9.]+(:|/|$)') || ${isOutside("self.find(r'[0-9.]*[0-9]')")}`,
        message: EXPECTED_HOST,
      },
      {
        rule: `!self.startsWith('https://[') || ${isOutside("self.substring(9).split(']')[0]")}`,
        message: EXPECTED_HOST,
      },
    ),
  })

/** CEL that tests whether a text is an address outside the ranges in which no provider lives, and not IPv4 inside IPv6. */
function isOutside(text: string): string {
  return `[${text}].all(host, isIP(host) && ${JSON.stringify(FORBIDDEN_RANGES)}.all(range, !cidr(range).containsIP(host)))`
}

function isAddressOfProvider(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { hostname } = new URL(text)
  return !MAPPED.test(hostname) && !isForbiddenHost(hostname)
}
