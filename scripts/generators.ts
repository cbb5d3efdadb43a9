import { generator as cli } from './generators/cli.ts'
import { generator as configuration } from './generators/configuration.ts'
import { generator as log } from './generators/log.ts'
import { generator as metrics } from './generators/metrics.ts'
import { generator as reasons } from './generators/reasons.ts'
import { generator as resources } from './generators/resources.ts'

/** A file that is derived from the source. */
export interface Generator {
  /** Path from the root of the repository. */
  readonly file: string
  readonly content: () => string | Promise<string>
}

/** Every generated file: one line here and one file in `generators/` each. */
export const generators: readonly Generator[] = [cli, configuration, log, metrics, reasons, resources]
