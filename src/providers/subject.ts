import { createHash } from 'node:crypto'

/**
 * The subject that stands for a person everywhere in Gatehouse: a hash over the provider's name and the provider's own `sub`,
 * in base64url, so that two providers never mean the same person by accident.
 */
export function subjectOf(provider: string, sub: string): string {
  return createHash('sha256').update(`${provider}\n${sub}`).digest('base64url')
}
