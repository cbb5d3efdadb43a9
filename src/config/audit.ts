import { z } from 'zod'
import { soundParts } from './sound-parts.ts'
import { choice, path } from './value-kinds.ts'

/** Where the audit trail is written. */
export const audit = z
  .strictObject({
    output: choice(['Stdout', 'File', 'Off'])
      .default('Stdout')
      .describe('`Stdout`: among the lines of the log, told from them by the field `audit`. `Off`: nowhere.'),
    file: path('a file')
      .optional()
      .describe(
        'For `File`: the file that records are appended to. If it is not there, or is moved away, it is made with mode 0600; one that is there keeps its mode, and a link is followed.',
      ),
  })
  .superRefine(
    ({ output, file }, context) => {
      if ((output === 'File') === (file !== undefined)) return
      const message =
        file === undefined
          ? 'the path of a file, because `audit.output` is `File`'
          : `nothing: \`audit.output\` is \`${output}\``
      context.addIssue({ code: 'custom', path: ['file'], message })
    },
    soundParts('output', 'file'),
  )
  .transform(({ output, file }) => (output === 'File' ? { type: 'File' as const, file: file ?? '' } : { type: output }))
  .prefault({})
  .describe(
    'The audit trail: who signed in, was let in or turned away, ended or revoked what, and what the policies became. Never sampled.',
  )
