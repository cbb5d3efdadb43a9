import { parse } from 'yaml'
import { z } from 'zod'
import type { Identity } from '../policy/identity.ts'

const description = z.strictObject({
  provider: z.string().optional(),
  subject: z.string().optional(),
  email: z.string().optional(),
  emailVerified: z.boolean().optional(),
  name: z.string().optional(),
  preferredUsername: z.string().optional(),
  groups: z.array(z.string()).optional(),
  groupsIncomplete: z.boolean().optional(),
  claims: z.record(z.string(), z.unknown()).optional(),
})

/** What the command line says of a person. */
export interface AskerOptions {
  /** Text of the file that `--as` names. */
  readonly file: string | undefined
  readonly email: string | undefined
  readonly groups: readonly string[]
  readonly provider: string | undefined
  /** As `name=value`. */
  readonly claims: readonly string[]
}

/**
 * The person that the options describe; what stands on the command line goes before the file. An address counts as
 * verified unless the file says otherwise.
 *
 * @param providers names of the providers there are: with one, it is the person's unless said otherwise
 * @returns undefined if nobody is signed in, or what is wrong
 */
export function askerOf(
  options: AskerOptions,
  providers: readonly string[],
): Identity | undefined | { problem: string } {
  const { file, email, groups, provider, claims } = options
  if (file === undefined && email === undefined && provider === undefined && groups.length + claims.length === 0)
    return undefined
  const described = description.safeParse(file === undefined ? {} : read(file))
  if (!described.success) return { problem: `--as: ${z.prettifyError(described.error)}` }
  const from = described.data
  const name = providerName(provider, from.provider, providers)
  if (typeof name !== 'string') return name
  const pairs = claims.map(readClaim)
  if (pairs.includes(undefined)) return { problem: '--claim takes name=value' }
  return {
    provider: name,
    subject: from.subject ?? 'somebody',
    email: (email ?? from.email)?.toLowerCase(),
    emailVerified: from.emailVerified ?? true,
    name: from.name,
    preferredUsername: from.preferredUsername,
    groups: groups.length > 0 ? groups : (from.groups ?? []),
    groupsIncomplete: from.groupsIncomplete ?? false,
    claims: { ...from.claims, ...Object.fromEntries(pairs.filter((pair) => pair !== undefined)) },
  }
}

/** @param typed what stands on the command line, which goes before what is in the file */
function providerName(
  typed: string | undefined,
  inFile: string | undefined,
  providers: readonly string[],
): string | { problem: string } {
  const named = typed ?? inFile
  if (named === undefined) {
    return providers.length > 1
      ? { problem: `--provider is needed: one of ${providers.join(', ')}` }
      : (providers[0] ?? 'none')
  }
  if (providers.includes(named)) return named
  const option = typed === undefined ? '--as' : '--provider'
  return { problem: `${option}: there is no identity provider ${named}; there is ${providers.join(', ') || 'none'}` }
}

function read(text: string): unknown {
  try {
    return parse(text) as unknown
  } catch (error) {
    return error instanceof Error ? `no YAML: ${error.message}` : 'no YAML'
  }
}

/** A value that reads as JSON is what it reads as (`5`, `true`, `["a"]`); anything else is a text. */
function readClaim(text: string): [string, unknown] | undefined {
  const equals = text.indexOf('=')
  if (equals < 1) return undefined
  const value = text.slice(equals + 1)
  try {
    return [text.slice(0, equals), JSON.parse(value) as unknown]
  } catch {
    return [text.slice(0, equals), value]
  }
}
