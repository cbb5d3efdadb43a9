import { z } from 'zod'
import { duration } from './duration.ts'
import { soundParts } from './sound-parts.ts'
import { path } from './value-kinds.ts'

const kubernetes = z
  .strictObject({
    kubeconfig: path('a kubeconfig file')
      .optional()
      .describe(
        'How to reach the API server. Default: as a pod does, by its service account; outside a cluster, as kubectl does.',
      ),
  })
  .describe('Read the resources, and their secrets, from the API server of a cluster.')

/** Where applications, policies, groups and identity providers are read from. */
export const resources = z
  .strictObject({
    kubernetes: kubernetes.optional(),
    directory: path('a folder').optional().describe('Folder of the manifests (`*.yaml`, `*.yml`, `*.json`).'),
    secretsDirectory: path('a folder')
      .optional()
      .describe('Folder of the secrets that manifests refer to; each value is the file `<name>/<key>` in it.'),
    pollInterval: duration({ unit: 'ms', min: '100ms', max: '1m' })
      .prefault('500ms')
      .describe('How often the folder is looked at for changes.'),
  })
  .superRefine(
    ({ kubernetes, directory, secretsDirectory }, context) => {
      if ((kubernetes === undefined) === (directory === undefined)) {
        const message = 'exactly one of `directory` and `kubernetes`'
        context.addIssue({ code: 'custom', message })
      } else if (kubernetes !== undefined && secretsDirectory !== undefined) {
        const message = 'nothing: secrets are read from the API server'
        context.addIssue({ code: 'custom', path: ['secretsDirectory'], message })
      }
    },
    soundParts('kubernetes', 'directory', 'secretsDirectory'),
  )
  .transform(({ kubernetes, directory, secretsDirectory, pollInterval }) =>
    kubernetes === undefined
      ? { type: 'Directory' as const, directory: directory ?? '', secretsDirectory, pollIntervalMs: pollInterval }
      : { type: 'Kubernetes' as const, kubeconfig: kubernetes.kubeconfig },
  )
  .describe('Where applications, policies, groups and identity providers are read from.')
