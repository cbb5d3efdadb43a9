import { generator as audit } from './generators/audit.ts'
import { generators as chart } from './generators/chart.ts'
import { generator as cli } from './generators/cli.ts'
import { generator as configuration } from './generators/configuration.ts'
import { generators as crds } from './generators/crds.ts'
import { generator as log } from './generators/log.ts'
import { generator as metrics } from './generators/metrics.ts'
import { generator as openapi } from './generators/openapi.ts'
import { generator as reasons } from './generators/reasons.ts'
import { generator as resources } from './generators/resources.ts'

/** A file that is derived from the source. */
export interface Generator {
  /** Path from the root of the repository. */
  readonly file: string
  /** Undefined: this machine lacks the program that makes it, and the file stays as it is. */
  readonly content: () => string | undefined | Promise<string | undefined>
}

/** Every generated file: one line here and one file in `generators/` each. */
export const generators: readonly Generator[] = [
  audit,
  ...chart,
  cli,
  configuration,
  ...crds,
  log,
  metrics,
  openapi,
  reasons,
  resources,
]
