import type { z } from 'zod'

/**
 * Lets a rule over several parts of an object run although other parts of it have problems, so that all are reported at
 * once: the rule is left out only if one of its own parts is not sound.
 */
export function soundParts(...parts: readonly string[]): { when(payload: z.core.ParsePayload): boolean } {
  return {
    when: ({ issues }) =>
      !issues.some(({ code, path = [] }) =>
        path.length === 0 ? code !== 'unrecognized_keys' : parts.includes(String(path[0])),
      ),
  }
}
