import { z } from 'zod'
import { soundParts } from './sound-parts.ts'
import { flag, path, secret } from './value-kinds.ts'

/** Where the keys that sign tokens and seal cookies come from. */
export const keys = z
  .strictObject({
    file: path('a file').optional().describe('File of the keys. All replicas need the same one.'),
    create: flag()
      .default(true)
      .describe('Whether `file` is made, readable by its owner only, if it is not there at start.'),
    set: secret('the JSON text of a key file', isJsonObject)
      .optional()
      .describe('The content of a key file, in place of `file`: for keys that are kept in a Secret.'),
  })
  .superRefine(
    ({ file, set }, context) => {
      if ((file === undefined) !== (set === undefined)) return
      context.addIssue({ code: 'custom', message: 'exactly one of `file` and `set` (or `setFile`)' })
    },
    soundParts('file', 'set'),
  )
  .transform(({ file, set, create }) =>
    set === undefined ? { type: 'File' as const, file: file ?? '', create } : { type: 'Set' as const, set },
  )
  .describe('The keys that sign tokens and seal cookies.')

function isJsonObject(value: string): boolean {
  try {
    const json: unknown = JSON.parse(value)
    return typeof json === 'object' && json !== null && !Array.isArray(json)
  } catch {
    return false
  }
}
