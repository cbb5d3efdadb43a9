import { z } from 'zod'
import { FAILS, HOLDS, type RuleKind } from '../rule.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const

/** Holds for requests with one of these methods. */
export const method: RuleKind<string[]> = {
  name: 'method',
  schema: z.array(z.enum(METHODS)).min(1).max(METHODS.length).describe('Requests with one of these HTTP methods.'),
  compile: (setting) => {
    const wanted = new Set(setting)
    return { needsIdentity: false, test: ({ request }) => (wanted.has(request.method) ? HOLDS : FAILS) }
  },
}
