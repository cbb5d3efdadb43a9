import { z } from 'zod'
import { soundParts } from './sound-parts.ts'
import { flag, objectName, path, secret } from './value-kinds.ts'

/** Where the keys that sign tokens and seal cookies come from. */
export const keys = z
  .strictObject({
    file: path('a file').optional().describe('File of the keys. All replicas need the same one.'),
    create: flag()
      .default(true)
      .describe('Whether `file` is made, readable by its owner only, if it is not there at start.'),
    rotate: flag()
      .default(true)
      .describe(
        'Whether the keys in `file` take turns every six weeks. Not where replicas have copies of the file that differ from then on, or where the file cannot be written.',
      ),
    set: secret('the JSON text of a key file', isJsonObject)
      .optional()
      .describe('The content of a key file, in place of `file`: for keys that are kept in a Secret.'),
    kubernetesSecret: objectName()
      .optional()
      .describe(
        'Name of a Secret of the system namespace, in place of `file`: the leading replica makes it and rotates the keys. Only with `resources.kubernetes`.',
      ),
  })
  .superRefine(
    ({ file, set, kubernetesSecret }, context) => {
      if ([file, set, kubernetesSecret].filter((one) => one !== undefined).length === 1) return
      context.addIssue({
        code: 'custom',
        message: 'exactly one of `file`, `set` (or `setFile`) and `kubernetesSecret`',
      })
    },
    soundParts('file', 'set', 'kubernetesSecret'),
  )
  .transform(({ file, set, kubernetesSecret, create, rotate }) => {
    if (kubernetesSecret !== undefined) return { type: 'KubernetesSecret' as const, secret: kubernetesSecret }
    return set === undefined
      ? { type: 'File' as const, file: file ?? '', create, rotate }
      : { type: 'Set' as const, set }
  })
  .describe('The keys that sign tokens and seal cookies.')

function isJsonObject(value: string): boolean {
  try {
    const json: unknown = JSON.parse(value)
    return typeof json === 'object' && json !== null && !Array.isArray(json)
  } catch {
    return false
  }
}
